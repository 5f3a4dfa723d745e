#include "wire/frame.h"

#include <algorithm>
#include <array>

namespace lineshaft::wire {
namespace {

constexpr const char* kNames[] = {"hello",  "open",      "list", "read",      "trim",   "goodbye", "welcome",
                                  "opened", "completed", "data", "read done", "failed", "end"};
static_assert(std::size(kNames) == kFrameTypes);

struct Header {
  uint32_t size = 0;
  uint16_t type = 0;
  uint16_t zero = 0;
};
static_assert(sizeof(Header) == kFrameHeader);

}  // namespace

const char* name_of(FrameType type) {
  auto number = static_cast<uint16_t>(type);
  return number < kFrameTypes ? kNames[number] : "unknown";
}

std::array<std::byte, kFrameHeader> frame_header(FrameType type, size_t payload) {
  if (payload > kMaxPayload)
    fail(ErrorCode::kInternal, "a frame of ", payload, " bytes is to be sent; the limit is ", kMaxPayload);
  Header header{static_cast<uint32_t>(payload), static_cast<uint16_t>(type), 0};
  std::array<std::byte, kFrameHeader> bytes;
  std::memcpy(bytes.data(), &header, sizeof header);
  return bytes;
}

std::span<std::byte> FrameParser::space() {
  if (begin_ == end_) begin_ = end_ = 0;
  if (end_ == buffer_.size()) {
    if (begin_ > 0) {
      std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    } else {
      buffer_.resize(std::min(buffer_.size() * 2, limit_ + kFrameHeader));  // twice what has arrived
    }
  }
  return std::span(buffer_).subspan(end_);
}

void FrameParser::added(size_t count) {
  end_ += count;
}

std::optional<Frame> FrameParser::next() {
  if (end_ - begin_ < kFrameHeader) return std::nullopt;
  Header header;
  std::memcpy(&header, buffer_.data() + begin_, sizeof header);
  if (header.type >= kFrameTypes || header.zero != 0)
    fail(ErrorCode::kProtocol, "a frame of the unknown type ", header.type, "; there are ", kFrameTypes);
  if (header.size > limit_)
    fail(ErrorCode::kProtocol, "a frame of ", header.size, " bytes is announced; the limit is ", limit_);
  if (end_ - begin_ < kFrameHeader + header.size) return std::nullopt;
  Frame frame{static_cast<FrameType>(header.type), std::move(spare_)};
  const std::byte* payload = buffer_.data() + begin_ + kFrameHeader;
  frame.payload.assign(payload, payload + header.size);
  begin_ += kFrameHeader + header.size;
  return frame;
}

}  // namespace lineshaft::wire
