// The host's end of a virtual machine's window: waits for guests at its ports, and serves one slot.
#pragma once

#include "transport/transport.h"

namespace lineshaft {

// Locks the window file and connects to QEMU's sockets next to it; it tries again until the machine runs.
std::unique_ptr<Listener> listen_vm(const std::string& window);

// The server's end of the connection of a guest that listen_vm's listener accepted.
std::unique_ptr<Connection> adopt_vm(Arrival arrival);

}  // namespace lineshaft
