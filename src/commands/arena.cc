#include "lineshaft/commands/arena.h"

#include <algorithm>

namespace lineshaft {

namespace {
constexpr size_t kChunk = 64 * 1024;
}

void Arena::grow(size_t bytes) {
  size_t size = std::max(bytes, kChunk);
  chunks_.push_back({std::make_unique_for_overwrite<std::byte[]>(size), size});
  next_ = chunks_.back().memory.get();
  left_ = size;
  used_chunks_bytes_ += size;
}

void Arena::clear() {
  if (chunks_.empty()) return;
  if (chunks_[0].size > kChunk) {  // one large list must not hold its memory for ever
    chunks_.clear();
    next_ = nullptr;
    left_ = used_chunks_bytes_ = 0;
    return;
  }
  chunks_.resize(1);
  next_ = chunks_[0].memory.get();
  left_ = chunks_[0].size;
  used_chunks_bytes_ = left_;
}

}  // namespace lineshaft
