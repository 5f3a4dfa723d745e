#include "backends/cpu/device.h"
#include "backends/cpu/poison.h"
#include "commands/no_memory.h"

namespace lineshaft::cpu {

Arena::Block Memory::allocate(int64_t size) {
  constexpr int64_t kMost = int64_t{1} << 60;  // beyond it sizes are products that have run over
  Arena::Block block;
  if (size > 0 && size + kGap <= kLargestShelved && !shelf_of(size + kGap).empty()) {
    block = shelf_of(size + kGap).back();
    shelf_of(size + kGap).pop_back();
    shelved_ -= block.size;
  } else if (size >= 0 && size <= kMost) {
    block = blocks_.allocate(size + kGap, limit_);
    if (!block && shelved_) {
      clear_shelves();
      block = blocks_.allocate(size + kGap, limit_);
    }
  }
  if (!block && limit_ != INT64_MAX)
    fail(ErrorCode::kOutOfMemory, size, " bytes are needed; the limit is ", limit_,
         " with caches and scratch, of which ", blocks_.in_use(),
         " are in use; use a smaller batch, or ask for a larger quota");
  if (!block)
    fail(ErrorCode::kOutOfMemory, "the system has no ", size,
         " bytes of memory left; use a smaller batch, or set "
         "LINESHAFT_MEMORY_LIMIT below the free memory");
  permit(address(block), size);
  return block;
}

void Memory::free(const Arena::Block& block) {
  forbid(address(block), block.size);
  if (block.size > kLargestShelved || shelf_of(block.size).size() >= kMostShelved) return blocks_.release(block);
  shelf_of(block.size).push_back(block);
  shelved_ += block.size;
}

void Memory::clear_shelves() {
  for (auto& shelf : shelves_) {
    for (const auto& block : shelf) blocks_.release(block);
    shelf.clear();
  }
  shelved_ = 0;
}

void Memory::trim() {
  clear_shelves();
  blocks_.trim();
}

void Memory::create(BufferId buffer, int64_t size) {
  if (buffer.slot() >= buffers_.size()) buffers_.resize(buffer.slot() + 1);
  buffers_[buffer.slot()] = {size, 0, {}};
}

void Memory::release(BufferId buffer) {
  Buffer& entry = buffers_[buffer.slot()];
  if (entry.block) free(entry.block);
  entry.block = {};
}

std::byte* Memory::address(BufferId buffer) {
  Buffer& entry = buffers_[buffer.slot()];
  if (!entry.block && entry.size == kNoMemory)
    fail(ErrorCode::kOutOfMemory, "it uses a tensor for which there was no memory");
  if (!entry.block) entry.block = allocate(entry.size);
  return address(entry.block);
}

}  // namespace lineshaft::cpu
