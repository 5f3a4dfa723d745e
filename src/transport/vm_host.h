// The host's end of a virtual machine's window: waits for guests at its ports, and serves one slot.
#pragma once

#include "transport/transport.h"

namespace lineshaft {

// Locks the window and connects to QEMU's sockets beside it, again and again until the machine runs.
std::unique_ptr<Listener> listen_vm(const std::string& window);

// The server's end of an arrival of listen_vm.
std::unique_ptr<Connection> adopt_vm(Arrival arrival);

}  // namespace lineshaft
