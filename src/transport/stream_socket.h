// Stream sockets (TCP, vsock): bytes in two directions and no shared memory. How a server greets a guest or turns it
// away over one, and the plain connection.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "platform/descriptor.h"
#include "transport/connection.h"

namespace lineshaft {

using Deadline = std::chrono::steady_clock::time_point;
inline constexpr auto kConnectTimeout = std::chrono::seconds(20);  // a server may have to start a worker

// Calls on a connected socket that know no signals, no short writes and no interruptions. Threads as of a Connection.
class StreamSocket {
 public:
  explicit StreamSocket(Descriptor socket) : socket_(std::move(socket)) {}
  // Closes in such a way that what was sent last arrives, the reason for the end above all.
  ~StreamSocket();
  StreamSocket(StreamSocket&&) = default;

  // As Connection's.
  void send(std::span<const std::byte> bytes);
  size_t receive(std::span<std::byte> bytes, std::chrono::milliseconds timeout);
  void close() noexcept;

  // Fills `bytes`. False where they do not come by the deadline or the peer leaves.
  bool receive_all(std::span<std::byte> bytes, Deadline deadline);
  const Descriptor& descriptor() const { return socket_; }

 private:
  bool wait(short events, const Deadline* deadline);
  Descriptor socket_;
};

// Waits for poll events up to the deadline (none: for ever). False where it passes.
bool wait_for(const Descriptor& file, short events, const Deadline* deadline);
std::chrono::milliseconds time_left(Deadline deadline);  // at least 0

// Each side's first bytes; inside TLS only the server sends them. Their form stays as it is in every version.
struct StreamGreeting {
  char magic[8] = {'L', 'S', 'S', 'T', 'R', 'M', '\r', '\n'};
  uint32_t version = 1;
  uint32_t refusal = 0;  // bytes of a text that follows and says why the server turns the guest away

  bool right() const;  // the magic bytes are these
};

// What a connection begins with, seen by its first byte, which stays unread. kNone: nothing comes by the deadline.
enum class FirstByte { kNone, kPlain, kTls, kOther };
FirstByte first_byte(const Descriptor& socket, Deadline deadline);

// Sends a greeting that turns the guest away. Does not wait.
void refuse_stream(const Descriptor& socket, std::string_view reason) noexcept;
// Reads the server's greeting by `receive`, which fills its argument or throws. Throws Error(kDeviceLost) with the
// server's reason where it refuses; `server` names it.
void expect_greeting(const std::function<void(std::span<std::byte>)>& receive, std::string_view server);

// The guest's and the server's end of a connection without TLS.
std::unique_ptr<Connection> connect_plain(StreamSocket socket, std::string_view server, Deadline deadline);
std::unique_ptr<Connection> adopt_plain(StreamSocket socket, Deadline deadline);

}  // namespace lineshaft
