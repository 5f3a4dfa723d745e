#include "platform/socket.h"

#include <sys/socket.h>

#include <cerrno>

#include "lineshaft/base/error.h"

namespace lineshaft {
namespace {

bool only_not_now() {
  return errno == EAGAIN || errno == EINTR;
}

}  // namespace

Transfer receive_now(const Descriptor& socket, std::span<char> bytes) noexcept {
  ssize_t got = ::recv(socket.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (got < 0) return {.broken = !only_not_now()};
  return {.bytes = static_cast<size_t>(got), .ended = got == 0};
}

Transfer send_now(const Descriptor& socket, std::string_view bytes) noexcept {
  ssize_t sent = ::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent < 0) return {.broken = !only_not_now()};
  return {.bytes = static_cast<size_t>(sent)};
}

void send_packet(const Descriptor& socket, std::string_view packet) noexcept {
  ::send(socket.get(), packet.data(), packet.size(), MSG_NOSIGNAL);
}

void hang_up(const Descriptor& socket) noexcept {
  ::shutdown(socket.get(), SHUT_RDWR);
}

Descriptor accept_now(const Descriptor& listener) {
  Descriptor socket(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!socket && (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS))
    fail(ErrorCode::kOutOfMemory, "no file descriptor or memory is left: ", system_error());
  return socket;
}

}  // namespace lineshaft
