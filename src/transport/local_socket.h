// Unix sockets and the descriptors that travel over them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "platform/descriptor.h"

namespace lineshaft {

// A stream socket that listens at `path`, close-on-exec and non-blocking. A stale file there is removed; a live
// server's is an Error(kInvalidArgument).
Descriptor listen_local(const std::string& path, int mode, const std::string& group);
// A connected stream socket. Throws Error(kDeviceLost) with what to do.
Descriptor connect_local(const std::string& path);
// Likewise; an empty descriptor where nobody listens there or one may not.
Descriptor try_connect_local(const std::string& path);

// Sends all bytes with descriptors beside the first of them. False when the peer is gone.
bool send_with_descriptors(const Descriptor& socket, std::span<const std::byte> bytes,
                           std::span<const int> descriptors);
// Receives exactly bytes.size() bytes and the descriptors beside them, at most 8. False when the peer is gone.
bool receive_with_descriptors(const Descriptor& socket, std::span<std::byte> bytes,
                              std::vector<Descriptor>& descriptors);

}  // namespace lineshaft
