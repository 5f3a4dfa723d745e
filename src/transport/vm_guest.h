// The guest's end of a virtual machine's window: finds the window and takes a slot.
#pragma once

#include <memory>

#include "platform/descriptor.h"
#include "transport/connection.h"

namespace lineshaft {

// Connects through the first free slot of the window of this virtual machine. Throws Error(kDeviceLost), with advice,
// where there is no window, all slots are taken, or the server refuses.
std::unique_ptr<Connection> connect_vm();

// Connects through a slot whose port this process has opened, non-blocking. Throws as connect_vm does.
std::unique_ptr<Connection> claim_slot(Mapping slot, Descriptor port);

}  // namespace lineshaft
