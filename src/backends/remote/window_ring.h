// Hands out pieces of the shared window for uploads, in order, and takes them back in order once the list that names
// them has run.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

namespace lineshaft::remote {

class WindowRing {
 public:
  explicit WindowRing(uint64_t size) : size_(size) {}
  // The place of `bytes` in one piece, aligned to 64; nothing where there is no room until something is released.
  std::optional<uint64_t> allocate(uint64_t bytes);
  // What was allocated since the last mark goes with this list.
  void mark(uint64_t list);
  // Lists up to this one have run.
  void release(uint64_t list);
  bool empty() const { return used_ == 0; }

 private:
  struct Marked {
    uint64_t list, bytes;  // padding at the end of the window included
  };
  uint64_t size_;
  uint64_t next_ = 0, used_ = 0, unmarked_ = 0;
  std::deque<Marked> marked_;
};

}  // namespace lineshaft::remote
