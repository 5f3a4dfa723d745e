#include "device/suballocator.h"

#include <algorithm>
#include <tuple>

namespace lineshaft {

SubAllocator::SubAllocator(Options options, std::function<bool(int32_t, int64_t)> make,
                           std::function<void(int32_t)> free)
    : options_(options), make_(std::move(make)), free_(std::move(free)) {}

void SubAllocator::insert_free(int32_t segment, int64_t offset, int64_t size) {
  segments_[segment].free.emplace(offset, size);
  by_size_.emplace(size, segment, offset);
}

void SubAllocator::erase_free(int32_t segment, int64_t offset, int64_t size) {
  segments_[segment].free.erase(offset);
  by_size_.erase({size, segment, offset});
}

int32_t SubAllocator::grow(int64_t size) {
  int64_t large = std::clamp(reserved_ / 16 & -options_.alignment, options_.least_segment, options_.most_segment);
  int64_t bytes = size > options_.small_segment / 2 ? std::max(size, large) : options_.small_segment;
  int32_t number = 0;
  while (number < static_cast<int32_t>(segments_.size()) && segments_[number].size) ++number;
  if (number == static_cast<int32_t>(segments_.size())) segments_.emplace_back();
  if (!make_(number, bytes)) {
    bytes = size;
    if (!make_(number, bytes)) return -1;
  }
  segments_[number].size = bytes;
  reserved_ += bytes;
  insert_free(number, 0, bytes);
  return number;
}

SubAllocator::Block SubAllocator::allocate(int64_t size) {
  constexpr int64_t kMost = int64_t{1} << 60;
  if (size > kMost) return {};
  size = (std::max<int64_t>(size, 1) + options_.alignment - 1) & ~(options_.alignment - 1);
  auto found = by_size_.lower_bound({size, 0, 0});
  if (found == by_size_.end()) {
    if (grow(size) < 0) return {};
    found = by_size_.lower_bound({size, 0, 0});
  }
  auto [free_size, segment, offset] = *found;
  erase_free(segment, offset, free_size);
  if (free_size > size) insert_free(segment, offset + size, free_size - size);
  in_use_ += size;
  return {segment, offset, size};
}

void SubAllocator::release(const Block& block) {
  auto& free = segments_[block.segment].free;
  int64_t offset = block.offset, size = block.size;
  in_use_ -= size;
  auto next = free.lower_bound(offset);
  if (next != free.end() && next->first == offset + size) {
    int64_t joined = next->second;
    erase_free(block.segment, next->first, joined);
    size += joined;
  }
  auto after = free.lower_bound(offset);
  if (after != free.begin()) {
    auto before = std::prev(after);
    if (before->first + before->second == offset) {
      int64_t start = before->first, joined = before->second;
      erase_free(block.segment, start, joined);
      offset = start;
      size += joined;
    }
  }
  insert_free(block.segment, offset, size);
}

void SubAllocator::trim() {
  for (int32_t i = 0; i < static_cast<int32_t>(segments_.size()); ++i) {
    Segment& segment = segments_[i];
    if (!segment.size || segment.free.size() != 1 || segment.free.begin()->second != segment.size) continue;
    erase_free(i, 0, segment.size);
    free_(i);
    reserved_ -= segment.size;
    segment.size = 0;
  }
}

}  // namespace lineshaft
