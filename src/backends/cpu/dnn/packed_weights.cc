#include "backends/cpu/dnn/packed_weights.h"

#include <new>

#include "base/divide.h"

namespace lineshaft::cpu {

namespace {
constexpr size_t kMaxEntries = 1024;
constexpr std::align_val_t kAlignment{64};
}  // namespace

void PackedWeights::Free::operator()(void* data) const {
  ::operator delete(data, kAlignment);
}

PackedWeights::Entry& PackedWeights::find(Context& context, const TensorView& view, uint64_t layout) {
  KeyBytes key;
  key.add(view.buffer.value).add(view.offset).add(view.dtype).add(view.rank).add(layout);
  key.add(view.sizes.data(), view.rank).add(view.strides.data(), view.rank);
  uint64_t writes = context.write_count(view.buffer);
  auto found = index_.find(key.view());
  if (found == index_.end()) {
    if (entries_.size() == kMaxEntries) drop_last();
    entries_.push_front({std::string(key.view()), writes, 0, 0, nullptr});
    index_.emplace(entries_.front().key, entries_.begin());
    return entries_.front();
  }
  entries_.splice(entries_.begin(), entries_, found->second);
  Entry& entry = entries_.front();
  if (entry.write_count != writes) {
    bytes_ -= entry.size;
    entry.kept.reset();
    entry.size = 0;
    entry.uses = 0;
    entry.write_count = writes;
  }
  return entry;
}

void* PackedWeights::keep(Entry& entry, size_t size) {
  while (bytes_ + size > kMaxBytes && entries_.size() > 1) drop_last();
  size_t rounded = round_up(size, 64);
  entry.kept.reset(::operator new(rounded, kAlignment, std::nothrow));
  if (!entry.kept) fail(ErrorCode::kOutOfMemory, "the system has no ", rounded, " bytes left to pack weights");
  entry.size = size;
  bytes_ += size;
  return entry.kept.get();
}

void PackedWeights::drop_last() {
  bytes_ -= entries_.back().size;
  index_.erase(entries_.back().key);
  entries_.pop_back();
}

void PackedWeights::clear() {
  index_.clear();
  entries_.clear();
  bytes_ = 0;
}

}  // namespace lineshaft::cpu
