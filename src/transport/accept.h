// Taking a connection from a socket that listens.
#pragma once

#include <sys/socket.h>

#include "platform/descriptor.h"

namespace lineshaft {

// How many descriptors a server opens, at most, while it starts a guest's session.
constexpr int kSessionDescriptors = 8;

// A close-on-exec socket, and who it is where `peer` is given, as accept(2) has it; empty where nobody is at the door
// any more. Throws Error(kOutOfMemory) where there is no memory, or fewer than kSessionDescriptors descriptors are
// left: the guest is then still at the door and the listener stays readable.
Descriptor accept_connection(const Descriptor& listener, sockaddr* peer = nullptr, socklen_t* size = nullptr);

}  // namespace lineshaft
