// Addresses HOST:PORT, and sockets for them.
#pragma once

#include <sys/socket.h>

#include <string>
#include <string_view>
#include <vector>

#include "transport/stream_socket.h"

namespace lineshaft {

// "localhost:7461", "10.0.0.2:7461", "[::1]:7461".
struct HostPort {
  std::string host, port;
};
// Throws Error(kInvalidArgument), with an example, for any other text.
HostPort parse_host_port(std::string_view text);

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  bool loopback() const;     // 127.0.0.0/8, ::1
  std::string host() const;  // "10.0.0.2", "::1"
  std::string text() const;  // "10.0.0.2:7461", "[::1]:7461"
};

// The addresses of the name, in the resolver's order. With `listening`, the name is one of this machine. Throws
// Error(kDeviceLost) where the name has no address.
std::vector<SocketAddress> resolve(const HostPort& name, bool listening);

// A connected socket with set_tcp_options. Throws Error(kDeviceLost), with advice, where no connection is possible.
Descriptor connect_tcp(const std::vector<SocketAddress>& addresses, const std::string& server, Deadline deadline);
// A listening socket, close-on-exec and non-blocking. Throws Error(kInvalidArgument) where it cannot listen at the
// address.
Descriptor listen_tcp(const SocketAddress& address);
// Sends small packets at once (TCP_NODELAY), and sets keepalive so that an idle connection detects within half a minute
// that the peer's machine does not answer.
void set_tcp_options(const Descriptor& socket) noexcept;
SocketAddress local_address(const Descriptor& socket);

}  // namespace lineshaft
