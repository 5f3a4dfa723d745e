#include "backends/remote/window_ring.h"

namespace lineshaft::remote {

std::optional<uint64_t> WindowRing::allocate(uint64_t bytes) {
  bytes = (bytes + 63) & ~uint64_t{63};
  if (used_ == 0) next_ = 0;
  bool wraps = next_ + bytes > size_;
  uint64_t padding = wraps ? size_ - next_ : 0;
  if (bytes > size_ || used_ + padding + bytes > size_) return std::nullopt;
  uint64_t at = wraps ? 0 : next_;
  next_ = at + bytes;
  used_ += padding + bytes;
  unmarked_ += padding + bytes;
  return at;
}

void WindowRing::mark(uint64_t list) {
  if (unmarked_) marked_.push_back({list, unmarked_});
  unmarked_ = 0;
}

void WindowRing::release(uint64_t list) {
  while (!marked_.empty() && marked_.front().list <= list) {
    used_ -= marked_.front().bytes;
    marked_.pop_front();
  }
}

}  // namespace lineshaft::remote
