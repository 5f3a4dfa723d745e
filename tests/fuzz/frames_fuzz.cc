// The frame parser: whatever arrives, in whatever pieces, gives the same frames or the same error, and takes no more
// memory than twice what has arrived.
#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "fuzz/tally.h"

namespace {

using namespace lineshaft;
using namespace lineshaft::wire;

constexpr size_t kLimit = 1 << 16;

fuzz::Tally tally;

struct Outcome {
  std::vector<std::pair<FrameType, Bytes>> frames;
  std::string error;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome parse(std::span<const std::byte> bytes, size_t piece) {
  Outcome outcome;
  FrameParser parser(kLimit);
  try {
    while (true) {
      while (auto frame = parser.next()) {
        outcome.frames.emplace_back(frame->type, frame->payload);
        parser.recycle(std::move(*frame));
      }
      if (bytes.empty()) return outcome;
      std::span<std::byte> space = parser.space();
      if (space.empty()) std::abort();
      size_t count = std::min({space.size(), bytes.size(), piece});
      std::memcpy(space.data(), bytes.data(), count);
      parser.added(count);
      bytes = bytes.subspan(count);
    }
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kProtocol) std::abort();
    outcome.error = error.what();
  }
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  auto bytes = std::as_bytes(std::span(data, size)).subspan(1);
  Outcome whole = parse(bytes, size);
  if (whole != parse(bytes, size_t{1} + data[0])) std::abort();
  tally.add(whole.frames.size() + !whole.error.empty());
  return 0;
}
