// Accepting connections from a listening socket.
#pragma once

#include <sys/socket.h>

#include "platform/descriptor.h"

namespace lineshaft {

// The most descriptors that a server opens while it starts a guest's session.
constexpr int kSessionDescriptors = 8;

// Accepts a connection. The socket is close-on-exec; it is empty where no connection is pending any more. `peer` and
// `size`, if given, are filled as by accept(2). Throws Error(kOutOfMemory) where there is no memory, or fewer than
// kSessionDescriptors descriptors are left; the connection then stays pending and the listener stays readable.
Descriptor accept_connection(const Descriptor& listener, sockaddr* peer = nullptr, socklen_t* size = nullptr);

}  // namespace lineshaft
