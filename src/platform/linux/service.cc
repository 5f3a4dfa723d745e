#include "platform/service.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "platform/environment.h"

namespace lineshaft {
namespace {

int number_of(const char* name) {
  auto text = environment(name);
  int number = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), number);
  return number;
}

}  // namespace

std::vector<Descriptor> take_activated_sockets() {
  constexpr int kFirst = 3, kMost = 64;
  int count = number_of("LISTEN_PID") == ::getpid() ? number_of("LISTEN_FDS") : 0;
  for (const char* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) ::unsetenv(name);
  std::vector<Descriptor> sockets;
  for (int i = 0; i < count && i < kMost; ++i) sockets.emplace_back(kFirst + i);
  return sockets;
}

bool notify_service_manager(std::string_view line) {
  auto path = environment("NOTIFY_SOCKET");
  sockaddr_un address{};
  if (!path) return true;
  if (path->size() >= sizeof address.sun_path || ((*path)[0] != '/' && (*path)[0] != '@')) return false;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path->data(), path->size());
  if (address.sun_path[0] == '@') address.sun_path[0] = 0;  // a name that no file has
  Descriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path->size());
  return socket && ::sendto(socket.get(), line.data(), line.size(), MSG_NOSIGNAL, reinterpret_cast<sockaddr*>(&address),
                            size) == static_cast<ssize_t>(line.size());
}

}  // namespace lineshaft
