// Stream sockets (TCP, vsock), which have no shared memory: how a server greets or refuses a guest over one, and
// connections without encryption.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "platform/descriptor.h"
#include "transport/connection.h"

namespace lineshaft {

using Deadline = std::chrono::steady_clock::time_point;
inline constexpr auto kConnectTimeout = std::chrono::seconds(20);  // a server may have to start a worker

// A connected socket whose calls hide signals, short writes and interruptions. The rules for threads are those of
// Connection.
class StreamSocket {
 public:
  explicit StreamSocket(Descriptor socket) : socket_(std::move(socket)) {}
  // Closes the socket so that the bytes sent last still arrive, in particular the reason for the end.
  ~StreamSocket();
  StreamSocket(StreamSocket&&) = default;

  // As in Connection.
  void send(std::span<const std::byte> bytes);
  size_t receive(std::span<std::byte> bytes, std::chrono::milliseconds timeout);
  void close() noexcept;

  // Fills `bytes`. False where they do not arrive before the deadline, or the peer closes the connection.
  bool receive_all(std::span<std::byte> bytes, Deadline deadline);
  const Descriptor& descriptor() const { return socket_; }

 private:
  bool wait(short events, const Deadline* deadline);
  Descriptor socket_;
};

// Waits for poll events up to the deadline (null: without limit). False where the deadline passes.
bool wait_for(const Descriptor& file, short events, const Deadline* deadline);
std::chrono::milliseconds time_left(Deadline deadline);  // at least 0

// The first bytes that each side sends; inside TLS only the server sends them. Their format is the same in every
// version.
struct StreamGreeting {
  char magic[8] = {'L', 'S', 'S', 'T', 'R', 'M', '\r', '\n'};
  uint32_t version = 1;
  uint32_t refusal = 0;  // bytes of the text that follows, which says why the server refuses the guest; 0: it does not

  bool right() const;  // whether the magic bytes are right
};

// The kind of a connection, by its first byte, which is not consumed. kNone: no byte arrives before the deadline.
enum class FirstByte { kNone, kPlain, kTls, kOther };
FirstByte first_byte(const Descriptor& socket, Deadline deadline);

// Sends a greeting that refuses the guest. Does not wait.
void refuse_stream(const Descriptor& socket, std::string_view reason) noexcept;
// Reads the server's greeting by `receive`, which fills its argument or throws. Throws Error(kDeviceLost) with the
// server's reason where it refuses; `server` is its name for the text.
void expect_greeting(const std::function<void(std::span<std::byte>)>& receive, std::string_view server);

// The guest's and the server's end of a connection without TLS.
std::unique_ptr<Connection> connect_plain(StreamSocket socket, std::string_view server, Deadline deadline);
std::unique_ptr<Connection> adopt_plain(StreamSocket socket, Deadline deadline);

}  // namespace lineshaft
