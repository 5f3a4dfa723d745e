// The doorbells at both ends of a virtual machine's slot. Each holds the slot's memory as long as it lives.
#pragma once

#include <memory>

#include "platform/descriptor.h"
#include "transport/ring_connection.h"

namespace lineshaft {

// In the guest: `port` is the open virtio-serial port, non-blocking. A thread shows the server that the process runs.
std::unique_ptr<Doorbell> make_vm_guest_doorbell(Mapping slot, Descriptor port, uint64_t claim);

// On the host: `port` is the Unix socket to QEMU, which the broker keeps too; `lifeline` tells it when this doorbell is
// gone. A thread watches the guest: QEMU does not
// tell when a process of its guest closes the port, but it takes no more bytes for it then. A process that is stopped
// keeps its session.
std::unique_ptr<Doorbell> make_vm_server_doorbell(Mapping slot, Descriptor port, Descriptor lifeline, uint64_t claim);

}  // namespace lineshaft
