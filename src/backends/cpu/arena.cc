#include "backends/cpu/arena.h"

#include <algorithm>
#include <iterator>

#include "backends/cpu/poison.h"
#include "base/divide.h"
#include "platform/addresses.h"
#include "platform/environment.h"

namespace lineshaft::cpu {
namespace {

constexpr int64_t kLarge = 1 << 20;
constexpr int64_t kPage = 2 << 20;  // a huge page: what the end moves by, and a 64th of what is reserved
constexpr int64_t kLeastRange = 64 << 20;

// Addresses cost nothing: twice the memory there is, as gaps take some; less where the process may not have so many.
int64_t wanted_range() {
  return round_up(std::max(kLeastRange, std::min(2 * installed_memory(), address_limit() / 2)), kPage);
}

}  // namespace

Arena::Arena() {
  for (range_ = wanted_range(); range_ >= kLeastRange; range_ = round_up(range_ / 2, kPage)) {
    base_ = reserve_addresses(range_, kPage);
    if (base_ || range_ == kLeastRange) break;
  }
  if (base_)
    prefer_huge_pages(base_, range_);
  else
    range_ = 0;
}

Arena::~Arena() {
  if (!base_) return;
  permit(base_, end_);
  release_addresses(base_, range_);
}

Arena::Block Arena::allocate(int64_t size, int64_t limit) {
  if (size > range_) return {};
  size = round_up(std::max<int64_t>(size, 1), kAlignment);
  int64_t offset = find(size);
  if (offset < 0) {
    if (!grow(size, limit)) return {};
    offset = tail();
  }
  int64_t gap = gaps_.at(offset);
  drop_gap(offset, gap);
  if (gap > size) add_gap(offset + size, gap - size);
  in_use_ += size;
  return {offset, size};
}

void Arena::release(const Block& block) {
  in_use_ -= block.size;
  join_gap(block.offset, block.size);
}

void Arena::trim() {
  for (auto [offset, size] : gaps_) {
    int64_t begin = round_up(offset, kPage), last = (offset + size) / kPage * kPage;
    if (last > begin) discard_memory(base_ + begin, last - begin);
  }
  int64_t last = tail(), end = round_up(last, kPage);
  if (end >= end_) return;  // a limit may have kept the end from a whole page
  decommit_memory(base_ + end, end_ - end);
  drop_gap(last, end_ - last);
  if (end > last) add_gap(last, end - last);
  end_ = end;
}

void Arena::add_gap(int64_t offset, int64_t size) {
  gaps_.emplace(offset, size);
  sizes_.emplace(size, offset);
  if (size >= kLarge) large_.insert(offset);
}

void Arena::drop_gap(int64_t offset, int64_t size) {
  gaps_.erase(offset);
  sizes_.erase({size, offset});
  if (size >= kLarge) large_.erase(offset);
}

void Arena::join_gap(int64_t offset, int64_t size) {
  auto next = gaps_.lower_bound(offset);
  if (next != gaps_.end() && next->first == offset + size) {
    int64_t joined = next->second;
    drop_gap(offset + size, joined);
    size += joined;
  }
  auto after = gaps_.lower_bound(offset);
  if (after != gaps_.begin()) {
    auto [start, joined] = *std::prev(after);
    if (start + joined == offset) {
      drop_gap(start, joined);
      offset = start;
      size += joined;
    }
  }
  add_gap(offset, size);
}

int64_t Arena::tail() const {
  if (gaps_.empty()) return end_;
  auto [offset, size] = *gaps_.rbegin();
  return offset + size == end_ ? offset : end_;
}

int64_t Arena::find(int64_t size) const {
  if (size < kLarge) {
    auto found = sizes_.lower_bound({size, 0});
    return found == sizes_.end() ? -1 : found->second;
  }
  for (int64_t offset : large_)
    if (gaps_.at(offset) >= size) return offset;
  return -1;
}

bool Arena::grow(int64_t size, int64_t limit) {
  int64_t needed = tail() + size;
  int64_t generous = round_up(std::max(needed, end_ + end_ / 64), kPage);
  return grow_to(generous, limit) || grow_to(round_up(needed, page_bytes()), limit);
}

bool Arena::grow_to(int64_t end, int64_t limit) {
  if (end > range_ || end > limit || !commit_memory(base_ + end_, end - end_)) return false;
  forbid(base_ + end_, end - end_);
  int64_t begin = std::exchange(end_, end);
  join_gap(begin, end - begin);
  return true;
}

}  // namespace lineshaft::cpu
