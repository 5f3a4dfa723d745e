#include "stream/arena.h"

#include <algorithm>

namespace lineshaft {

void Arena::grow(size_t bytes) {
  constexpr size_t kChunk = 64 * 1024;
  size_t size = std::max(bytes, kChunk);
  chunks_.push_back({std::make_unique_for_overwrite<std::byte[]>(size), size});
  next_ = chunks_.back().memory.get();
  left_ = size;
  used_chunks_bytes_ += size;
}

void Arena::clear() {
  if (chunks_.empty()) return;
  chunks_.resize(1);
  next_ = chunks_[0].memory.get();
  left_ = chunks_[0].size;
  used_chunks_bytes_ = left_;
}

}  // namespace lineshaft
