// The doorbells at both ends of a slot of a virtual machine. Each keeps the slot's memory mapped as long as it lives.
#pragma once

#include <memory>

#include "platform/descriptor.h"
#include "transport/ring_connection.h"

namespace lineshaft {

// In the guest: `port` is the open virtio-serial port, non-blocking. A thread shows the server that the guest's process
// still runs (SlotControl::beats).
std::unique_ptr<Doorbell> make_vm_guest_doorbell(Mapping slot, Descriptor port, uint64_t claim);

// On the host: `port` is the Unix socket to QEMU, which the broker keeps too; the closing of `lifeline` tells the
// broker that this doorbell has been destroyed. A thread watches the guest: QEMU does not report when the guest's
// process closes the port, but it then takes no more bytes for it. A process that is only stopped keeps its session.
std::unique_ptr<Doorbell> make_vm_server_doorbell(Mapping slot, Descriptor port, Descriptor lifeline, uint64_t claim);

}  // namespace lineshaft
