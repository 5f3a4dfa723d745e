// Frames over a connection. One thread receives at a time; sending is safe from any thread.
#pragma once

#include <mutex>

#include "base/command_export.h"
#include "transport/connection.h"
#include "wire/frame.h"
#include "wire/messages.h"

namespace lineshaft::wire {

class LINESHAFT_COMMAND_EXPORT Channel {
 public:
  explicit Channel(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}

  void send(FrameType type, std::span<const std::byte> payload = {});
  template <class Message>
  void send(FrameType type,
            const Message& message) requires(!std::is_convertible_v<Message, std::span<const std::byte>>) {
    ByteWriter out;
    encode(message, out);
    send(type, out.bytes);
  }
  // The next frame, after at most `timeout` (negative: for ever); nothing where none came. Throws Error(kDeviceLost)
  // when the peer is gone, Error(kProtocol) where its bytes are no frame.
  std::optional<Frame> receive(std::chrono::milliseconds timeout);
  // The next frame, which has to be of this type; a kEnd frame is thrown as the error that it holds.
  Frame expect(FrameType type, std::chrono::milliseconds timeout);
  void recycle(Frame frame) { parser_.recycle(std::move(frame)); }

  std::span<std::byte> window() { return connection_->window(); }
  int watch_descriptor() const { return connection_->watch_descriptor(); }
  void close() noexcept { connection_->close(); }

 private:
  std::unique_ptr<Connection> connection_;
  FrameParser parser_;
  std::mutex sending_;
  Bytes outgoing_;
};

// The error that a kFailed or kEnd frame holds.
Error error_of(const Frame& frame);

}  // namespace lineshaft::wire
