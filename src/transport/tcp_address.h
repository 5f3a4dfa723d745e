// HOST:PORT, and the sockets made from it.
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
// Throws Error(kInvalidArgument) with an example.
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

// What the name stands for, in the resolver's order. Throws Error(kDeviceLost) where it stands for nothing; `listening`
// takes it as an address of this machine.
std::vector<SocketAddress> resolve(const HostPort& name, bool listening);

// A connected socket with set_tcp_options. Throws Error(kDeviceLost) with what to do.
Descriptor connect_tcp(const std::vector<SocketAddress>& addresses, const std::string& server, Deadline deadline);
// A socket that listens, close-on-exec and non-blocking. Throws Error(kInvalidArgument).
Descriptor listen_tcp(const SocketAddress& address);
// Small packets leave at once; an idle connection notices within half a minute that the peer's machine is gone.
void set_tcp_options(const Descriptor& socket) noexcept;
SocketAddress local_address(const Descriptor& socket);

}  // namespace lineshaft
