// Taking a connection from a socket that listens.
#pragma once

#include <sys/socket.h>

#include "platform/descriptor.h"

namespace lineshaft {

// A close-on-exec socket, and who it is where `peer` is given, as accept(2) has it; empty where nobody is at the door
// any more. Throws Error(kOutOfMemory) where the system has no descriptor or memory for one: the guest is then still at
// the door and the listener stays readable.
Descriptor accept_connection(const Descriptor& listener, sockaddr* peer = nullptr, socklen_t* size = nullptr);

}  // namespace lineshaft
