#include "stream/staging.h"

namespace lineshaft {

Staging::Staging(size_t blocks) {
  free_->unallocated = blocks;
}

Staging::Staging(std::span<std::byte> memory) {
  for (size_t end = memory.size() / kBlock * kBlock; end > 0; end -= kBlock)
    free_->blocks.push_back(memory.data() + end - kBlock);
}

std::shared_ptr<std::byte> Staging::take() {
  std::byte* block = nullptr;
  {
    std::lock_guard lock(free_->mutex);
    if (!free_->blocks.empty()) {
      block = free_->blocks.back();
      free_->blocks.pop_back();
    } else if (free_->unallocated > 0) {
      --free_->unallocated;
      free_->owned.push_back(std::make_unique_for_overwrite<std::byte[]>(kBlock));
      block = free_->owned.back().get();
    } else {
      return nullptr;
    }
  }
  return {block, [free = free_](std::byte* back) {
            std::lock_guard lock(free->mutex);
            free->blocks.push_back(back);
          }};
}

}  // namespace lineshaft
