// What a fuzzer has gone through, said at its end: its inputs hold more than one frame each.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <span>

#include "wire/frame.h"

namespace lineshaft::fuzz {

class Tally {
 public:
  ~Tally() {
    std::fprintf(stderr, "tally: %llu frames, %llu operations run\n", static_cast<unsigned long long>(frames_),
                 static_cast<unsigned long long>(operations_));
  }
  void add(size_t frames, uint64_t operations = 0) {
    frames_ += frames;
    operations_ += operations;
  }

 private:
  uint64_t frames_ = 0, operations_ = 0;
};

// Whole frames, by their headers' sizes.
inline size_t count_frames(std::span<const std::byte> bytes) {
  size_t count = 0;
  for (uint32_t size; bytes.size() >= wire::kFrameHeader; ++count) {
    std::memcpy(&size, bytes.data(), sizeof size);
    if (size > bytes.size() - wire::kFrameHeader) break;
    bytes = bytes.subspan(wire::kFrameHeader + size);
  }
  return count;
}

}  // namespace lineshaft::fuzz
