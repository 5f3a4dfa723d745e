// Frames: how a connection's bytes are cut into messages. 8 bytes of header (payload size, type, zero), then the
// payload. The parser takes whatever arrives and allocates no more than what has arrived and the limit allow.
#pragma once

#include <array>
#include <optional>
#include <span>

#include "commands/bytes.h"

namespace lineshaft::wire {

enum class FrameType : uint16_t {
  // from the guest
  kHello,    // Hello: the first frame
  kOpen,     // Open: begin a session on a device
  kList,     // a ticket (u64) and an encoded command list
  kRead,     // Read
  kTrim,     // empty: give cached memory back
  kGoodbye,  // empty: the session ends as meant
  // from the server
  kWelcome,    // Welcome: the answer to kHello
  kOpened,     // Opened: the answer to kOpen
  kCompleted,  // Completed: how far the device is
  kData,       // the answer to a kRead that names no window: the bytes
  kReadDone,   // the answer to a kRead into the window: empty
  kFailed,     // Failed: what an operation found while running; the session goes on
  kEnd,        // End: why the session ends
};
inline constexpr uint16_t kFrameTypes = static_cast<uint16_t>(FrameType::kEnd) + 1;
const char* name_of(FrameType type);

inline constexpr size_t kFrameHeader = 8;
inline constexpr size_t kMaxPayload = size_t{32} << 20;  // bytes

struct Frame {
  FrameType type = FrameType::kHello;
  Bytes payload;  // the reader's own: nobody else can change it
};

// A frame's header for a payload of this size.
std::array<std::byte, kFrameHeader> frame_header(FrameType type, size_t payload);

class FrameParser {
 public:
  explicit FrameParser(size_t limit = kMaxPayload) : limit_(limit) {}
  // Where the next bytes are to be put: never empty. Call added() with how many came.
  std::span<std::byte> space();
  void added(size_t count);
  // The next whole frame. Throws Error(kProtocol) for a header that cannot be. The frame's memory is reused by the
  // parser when it is handed back to recycle().
  std::optional<Frame> next();
  void recycle(Frame frame) { spare_ = std::move(frame.payload); }

 private:
  size_t limit_;
  Bytes buffer_ = Bytes(64 * 1024);
  size_t begin_ = 0, end_ = 0;  // what of buffer_ is filled and not parsed
  Bytes spare_;
};

}  // namespace lineshaft::wire
