// Unix sockets, and the transfer of descriptors over them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "platform/descriptor.h"

namespace lineshaft {

// A stream socket that listens at `path`, close-on-exec and non-blocking. A file that an ended server left there is
// removed; for the socket of a running server, throws Error(kInvalidArgument).
Descriptor listen_local(const std::string& path, int mode, const std::string& group);
// A connected stream socket. Throws Error(kDeviceLost), with advice, where no connection is possible.
Descriptor connect_local(const std::string& path);
// The same, but returns an empty descriptor where nobody listens there, or this process may not connect.
Descriptor try_connect_local(const std::string& path);

// Sends all bytes; the descriptors are attached to the first of them. False where the peer has closed the connection.
bool send_with_descriptors(const Descriptor& socket, std::span<const std::byte> bytes,
                           std::span<const int> descriptors);
// Receives exactly bytes.size() bytes and the attached descriptors, at most 8. False where the peer has closed the
// connection.
bool receive_with_descriptors(const Descriptor& socket, std::span<std::byte> bytes,
                              std::vector<Descriptor>& descriptors);

}  // namespace lineshaft
