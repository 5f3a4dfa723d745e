#include "transport/tcp_address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>

#include "lineshaft/base/error.h"

namespace lineshaft {
namespace {

const in_addr& v4(const SocketAddress& address) {
  return reinterpret_cast<const sockaddr_in*>(&address.storage)->sin_addr;
}
const in6_addr& v6(const SocketAddress& address) {
  return reinterpret_cast<const sockaddr_in6*>(&address.storage)->sin6_addr;
}

std::string tcp_remedy(int error) {
  switch (error) {
    case ECONNREFUSED:
      return "no server listens there; start `lineshaft serve --tcp HOST:PORT` on that machine";
    case ETIMEDOUT:
      return "nothing answers; check the address, and that a firewall lets the port pass";
    case ENETUNREACH:
    case EHOSTUNREACH:
      return "this machine or container has no network that reaches it";
    default:
      return "check the address";
  }
}

// 0, or the error of a connection that is not there by the deadline.
int connect_one(const Descriptor& socket, const SocketAddress& address, Deadline deadline) {
  if (::connect(socket.get(), address.get(), address.size) == 0) return 0;
  if (errno != EINPROGRESS && errno != EINTR) return errno;
  if (!wait_for(socket, POLLOUT, &deadline)) return ETIMEDOUT;
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

}  // namespace

HostPort parse_host_port(std::string_view text) {
  size_t colon = text.rfind(':');
  HostPort name;
  if (colon != std::string_view::npos) name = {std::string(text.substr(0, colon)), std::string(text.substr(colon + 1))};
  bool bracketed = name.host.starts_with('[') && name.host.ends_with(']');
  if (bracketed) name.host = name.host.substr(1, name.host.size() - 2);
  uint16_t port = 0;
  auto [end, error] = std::from_chars(name.port.data(), name.port.data() + name.port.size(), port);
  bool number = !name.port.empty() && error == std::errc() && end == name.port.data() + name.port.size();
  LS_REQUIRE(number && !name.host.empty() && (bracketed || name.host.find(':') == std::string::npos),
             "the TCP address \"", text,
             "\" is not HOST:PORT with a port up to 65535; for example 10.0.0.2:7461, localhost:7461 or [::1]:7461");
  return name;
}

bool SocketAddress::loopback() const {
  if (storage.ss_family == AF_INET) return ntohl(v4(*this).s_addr) >> 24 == 127;
  const in6_addr& address = v6(*this);
  return IN6_IS_ADDR_LOOPBACK(&address) || (IN6_IS_ADDR_V4MAPPED(&address) && address.s6_addr[12] == 127);
}

std::string SocketAddress::host() const {
  char text[NI_MAXHOST] = "an unknown address";
  ::getnameinfo(get(), size, text, sizeof text, nullptr, 0, NI_NUMERICHOST);
  std::string name = text;
  return name.starts_with("::ffff:") && name.find('.') != std::string::npos ? name.substr(7) : name;
}

std::string SocketAddress::text() const {
  std::string name = host();
  int port = ntohs(storage.ss_family == AF_INET ? reinterpret_cast<const sockaddr_in*>(&storage)->sin_port
                                                : reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_port);
  return name.find(':') == std::string::npos ? concat(name, ":", port) : concat("[", name, "]:", port);
}

std::vector<SocketAddress> resolve(const HostPort& name, bool listening) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = listening ? AI_PASSIVE : 0;
  addrinfo* first = nullptr;
  int error = ::getaddrinfo(name.host.c_str(), name.port.c_str(), &hints, &first);
  std::unique_ptr<addrinfo, void (*)(addrinfo*)> found(first, [](addrinfo* a) {
    if (a) ::freeaddrinfo(a);
  });
  if (error != 0)
    fail(ErrorCode::kDeviceLost, "the host ", name.host, " is not found (", ::gai_strerror(error), "); check its name");
  std::vector<SocketAddress> all;
  for (addrinfo* each = first; each; each = each->ai_next) {
    if (each->ai_family != AF_INET && each->ai_family != AF_INET6) continue;
    SocketAddress& address = all.emplace_back();
    std::memcpy(&address.storage, each->ai_addr, each->ai_addrlen);
    address.size = each->ai_addrlen;
  }
  if (all.empty()) fail(ErrorCode::kDeviceLost, "the host ", name.host, " has no IP address; check its name");
  return all;
}

Descriptor connect_tcp(const std::vector<SocketAddress>& addresses, const std::string& server, Deadline deadline) {
  int error = 0;
  for (const SocketAddress& address : addresses) {
    Descriptor socket(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    error = socket ? connect_one(socket, address, deadline) : errno;
    if (error != 0) continue;
    set_tcp_options(socket);
    return socket;
  }
  fail(ErrorCode::kDeviceLost, "the server at tcp://", server, " cannot be reached (", std::strerror(error),
       "): ", tcp_remedy(error));
}

Descriptor listen_tcp(const SocketAddress& address) {
  Descriptor socket(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  int on = 1, off = 0;
  if (socket) ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (socket && address.storage.ss_family == AF_INET6)
    ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  LS_REQUIRE(socket && ::bind(socket.get(), address.get(), address.size) == 0 && ::listen(socket.get(), 64) == 0,
             "tcp://", address.text(), " cannot be listened on: ", system_error());
  return socket;
}

void set_tcp_options(const Descriptor& socket) noexcept {
  int on = 1, idle = 5, interval = 5, count = 4;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(socket.get(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
}

SocketAddress local_address(const Descriptor& socket) {
  SocketAddress address;
  address.size = sizeof address.storage;
  ::getsockname(socket.get(), address.get(), &address.size);
  return address;
}

}  // namespace lineshaft
