#include "wire/channel.h"

namespace lineshaft::wire {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

void Channel::send(FrameType type, std::span<const std::byte> payload) {
  auto header = frame_header(type, payload.size());
  constexpr size_t kTogether = 64 * 1024;  // small frames leave in one piece: one wake-up, one packet
  std::lock_guard lock(sending_);
  if (payload.size() > kTogether) {
    connection_->send(header);
    return connection_->send(payload);
  }
  outgoing_.assign(header.begin(), header.end());
  outgoing_.insert(outgoing_.end(), payload.begin(), payload.end());
  connection_->send(outgoing_);
}

std::optional<Frame> Channel::receive(milliseconds timeout) {
  auto deadline = Clock::now() + timeout;
  while (true) {
    if (auto frame = parser_.next()) return frame;
    milliseconds left = timeout;
    if (timeout > milliseconds(0))
      left = std::max(milliseconds(0), std::chrono::duration_cast<milliseconds>(deadline - Clock::now()));
    size_t count = connection_->receive(parser_.space(), left);
    parser_.added(count);
    if (count == 0 && timeout >= milliseconds(0) && Clock::now() >= deadline) return std::nullopt;
  }
}

Frame Channel::expect(FrameType type, milliseconds timeout) {
  auto frame = receive(timeout);
  if (!frame)
    fail(ErrorCode::kDeviceLost, "the other side sends no ", name_of(type), " within ", timeout.count(), " ms");
  if (frame->type == FrameType::kEnd) throw error_of(*frame);
  if (frame->type != type)
    fail(ErrorCode::kProtocol, "a ", name_of(frame->type), " frame comes where a ", name_of(type), " is due");
  return std::move(*frame);
}

Error error_of(const Frame& frame) {
  auto failure = decode<Failure>(frame.payload);
  auto code = static_cast<ErrorCode>(failure.code);
  if (failure.code > static_cast<uint8_t>(ErrorCode::kInternal)) code = ErrorCode::kInternal;
  return Error(code, failure.text);
}

}  // namespace lineshaft::wire
