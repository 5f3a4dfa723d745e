#include "transport/stream_socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/printable.h"
#include "lineshaft/base/error.h"

namespace lineshaft {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
constexpr auto kLinger = 300ms;           // that the end of a connection waits for the peer to read
constexpr auto kPeerLook = 5s;            // between looks whether the peer's machine is there
constexpr uint32_t kUnanswered = 25'000;  // milliseconds without an acknowledgement

[[noreturn]] void lost(int error) {
  if (error == 0 || error == ECONNRESET || error == EPIPE)
    fail(ErrorCode::kDeviceLost, "the other side has closed the connection");
  fail(ErrorCode::kDeviceLost, "the connection breaks: ", std::strerror(error));
}

// Whether what was sent by TCP is no longer acknowledged: a machine without power, a cable cut. A peer that only does
// not read is alive, its kernel acknowledges; TCP_USER_TIMEOUT would not tell the two apart.
bool unanswered(const Descriptor& socket) {
  tcp_info info{};
  socklen_t size = sizeof info;
  return ::getsockopt(socket.get(), IPPROTO_TCP, TCP_INFO, &info, &size) == 0 && info.tcpi_unacked > 0 &&
         info.tcpi_last_ack_recv > kUnanswered;
}

class PlainConnection final : public Connection {
 public:
  explicit PlainConnection(StreamSocket socket) : socket_(std::move(socket)) {}
  void send(std::span<const std::byte> bytes) override { socket_.send(bytes); }
  size_t receive(std::span<std::byte> bytes, milliseconds timeout) override { return socket_.receive(bytes, timeout); }
  int watch_descriptor() const override { return socket_.descriptor().get(); }
  void close() noexcept override { socket_.close(); }

 private:
  StreamSocket socket_;
};

}  // namespace

milliseconds time_left(Deadline deadline) {
  return std::max(0ms, std::chrono::ceil<milliseconds>(deadline - Clock::now()));
}

bool wait_for(const Descriptor& file, short events, const Deadline* deadline) {
  while (true) {
    pollfd entry{file.get(), events, 0};
    int ready = ::poll(&entry, 1, deadline ? static_cast<int>(time_left(*deadline).count()) : -1);
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) fail(ErrorCode::kInternal, "poll fails: ", system_error());
    if (ready == 0) return false;
  }
}

bool StreamSocket::wait(short events, const Deadline* deadline) {
  while (true) {
    Deadline look = Clock::now() + kPeerLook;
    bool last = deadline && *deadline <= look;
    if (wait_for(socket_, events, last ? deadline : &look)) return true;
    if (last) return false;
    if (unanswered(socket_)) lost(ETIMEDOUT);
  }
}

// Closing a socket with unread bytes resets the connection, and a reset may overtake what was sent last.
StreamSocket::~StreamSocket() {
  if (!socket_) return;
  ::shutdown(socket_.get(), SHUT_WR);
  Deadline deadline = Clock::now() + kLinger;
  std::array<std::byte, 16384> ignored;
  while (Clock::now() < deadline) {
    ssize_t got = ::recv(socket_.get(), ignored.data(), ignored.size(), MSG_DONTWAIT);
    if (got == 0) return;
    if (got > 0 || errno == EINTR) continue;
    if (errno != EAGAIN) return;
    pollfd entry{socket_.get(), POLLIN, 0};
    ::poll(&entry, 1, static_cast<int>(time_left(deadline).count()));
  }
}

void StreamSocket::send(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      bytes = bytes.subspan(static_cast<size_t>(sent));
    } else if (errno == EAGAIN) {
      wait(POLLOUT, nullptr);
    } else if (errno != EINTR) {
      lost(errno);
    }
  }
}

size_t StreamSocket::receive(std::span<std::byte> bytes, milliseconds timeout) {
  Deadline deadline = Clock::now() + timeout;
  while (true) {
    ssize_t got = ::recv(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (got > 0) return static_cast<size_t>(got);
    if (got == 0) lost(0);
    if (errno == EINTR) continue;
    if (errno != EAGAIN) lost(errno);
    if (timeout == 0ms || !wait(POLLIN, timeout < 0ms ? nullptr : &deadline)) return 0;
  }
}

void StreamSocket::close() noexcept {
  ::shutdown(socket_.get(), SHUT_RDWR);
}

bool StreamSocket::receive_all(std::span<std::byte> bytes, Deadline deadline) {
  while (!bytes.empty()) {
    if (!wait_for(socket_, POLLIN, &deadline)) return false;
    ssize_t got = ::recv(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got <= 0) return false;
    bytes = bytes.subspan(static_cast<size_t>(got));
  }
  return true;
}

bool StreamGreeting::right() const {
  return std::memcmp(magic, StreamGreeting().magic, sizeof magic) == 0;
}

FirstByte first_byte(const Descriptor& socket, Deadline deadline) {
  std::byte first{};
  ssize_t got = -1;
  while (got < 0) {
    if (!wait_for(socket, POLLIN, &deadline)) return FirstByte::kNone;
    got = ::recv(socket.get(), &first, 1, MSG_DONTWAIT | MSG_PEEK);
    if (got < 0 && errno != EINTR && errno != EAGAIN) return FirstByte::kNone;
  }
  if (got == 0) return FirstByte::kNone;
  if (first == std::byte{'L'}) return FirstByte::kPlain;
  constexpr std::byte kAlert{21}, kHandshake{22};  // the types of TLS records that open a connection
  return first == kHandshake || first == kAlert ? FirstByte::kTls : FirstByte::kOther;
}

void refuse_stream(const Descriptor& socket, std::string_view reason) noexcept {
  reason = reason.substr(0, 4000);
  StreamGreeting greeting{.refusal = static_cast<uint32_t>(reason.size())};
  std::array<std::byte, sizeof greeting + 4000> bytes;
  std::memcpy(bytes.data(), &greeting, sizeof greeting);
  std::memcpy(bytes.data() + sizeof greeting, reason.data(), reason.size());
  // The guest's first: so few bytes always have room.
  ::send(socket.get(), bytes.data(), sizeof greeting + reason.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  ::shutdown(socket.get(), SHUT_WR);
}

void expect_greeting(const std::function<void(std::span<std::byte>)>& receive, std::string_view server) {
  StreamGreeting greeting;
  receive(std::as_writable_bytes(std::span(&greeting, 1)));
  if (!greeting.right()) fail(ErrorCode::kProtocol, "what listens at ", server, " is no Lineshaft server");
  if (greeting.refusal) {
    std::string reason(std::min<uint32_t>(greeting.refusal, 4096), '\0');
    receive(std::as_writable_bytes(std::span(reason)));
    fail(ErrorCode::kDeviceLost, "the server at ", server, " refuses: ", printable(std::move(reason), ' '));
  }
  if (greeting.version != StreamGreeting().version)
    fail(ErrorCode::kProtocol, "the server at ", server, " speaks version ", greeting.version,
         " of the stream's greeting, this Lineshaft version ", StreamGreeting().version,
         "; install the same release on both sides");
}

std::unique_ptr<Connection> connect_plain(StreamSocket socket, std::string_view server, Deadline deadline) {
  StreamGreeting greeting;
  try {
    socket.send(std::as_bytes(std::span(&greeting, 1)));
  } catch (const Error&) {  // it may have said why before it went
  }
  expect_greeting(
      [&](std::span<std::byte> bytes) {
        if (!socket.receive_all(bytes, deadline))
          fail(ErrorCode::kDeviceLost, "the server at ", server, " closes the connection ",
               Clock::now() < deadline ? "before it begins; its log says why"
                                       : "or is silent; is it a Lineshaft server?");
      },
      server);
  return std::make_unique<PlainConnection>(std::move(socket));
}

std::unique_ptr<Connection> adopt_plain(StreamSocket socket, Deadline deadline) {
  std::string reason;
  switch (first_byte(socket.descriptor(), deadline)) {
    case FirstByte::kPlain: {
      StreamGreeting theirs, ours;
      if (!socket.receive_all(std::as_writable_bytes(std::span(&theirs, 1)), deadline) || !theirs.right())
        fail(ErrorCode::kProtocol, "what connects is no Lineshaft guest");
      socket.send(std::as_bytes(std::span(&ours, 1)));
      return std::make_unique<PlainConnection>(std::move(socket));
    }
    case FirstByte::kTls:
      reason = "the guest begins with TLS and this server has no certificates; set LINESHAFT_TLS=off in the guest";
      refuse_stream(socket.descriptor(), reason);
      fail(ErrorCode::kProtocol, reason);
    case FirstByte::kOther:
      fail(ErrorCode::kProtocol, "what connects is no Lineshaft guest");
    case FirstByte::kNone:
      break;
  }
  fail(ErrorCode::kDeviceLost, "the guest leaves or is silent before the connection begins");
}

}  // namespace lineshaft
