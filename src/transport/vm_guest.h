// The guest's end of a virtual machine's window: finds it, takes a slot.
#pragma once

#include <memory>

#include "platform/descriptor.h"
#include "transport/connection.h"

namespace lineshaft {

// Connects through the window of this virtual machine, in the first slot that is free. Throws Error(kDeviceLost) with
// what to do where there is none, all are taken, or the server refuses.
std::unique_ptr<Connection> connect_vm();

// Claims a slot whose port this process has opened, non-blocking. Throws likewise.
std::unique_ptr<Connection> claim_slot(Mapping slot, Descriptor port);

}  // namespace lineshaft
