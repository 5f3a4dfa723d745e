#include <sys/mman.h>

#include "backends/cpu/device.h"

namespace lineshaft::cpu {

Memory::Memory()
    : blocks_(
          {.alignment = 256, .small_segment = 2 << 20, .large_segment = 16 << 20},
          [this](int32_t number, int64_t size) { return make_segment(number, size); },
          [this](int32_t number) { free_segment(number); }) {}

Memory::~Memory() {
  for (int32_t i = 0; i < static_cast<int32_t>(segments_.size()); ++i)
    if (segments_[i].base) free_segment(i);
}

bool Memory::make_segment(int32_t number, int64_t size) {
  void* base = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (base == MAP_FAILED) return false;
  madvise(base, size, MADV_HUGEPAGE);
  if (number >= static_cast<int32_t>(segments_.size())) segments_.resize(number + 1);
  segments_[number] = {static_cast<std::byte*>(base), size};
  return true;
}

void Memory::free_segment(int32_t number) {
  munmap(segments_[number].base, segments_[number].size);
  segments_[number] = {};
}

SubAllocator::Block Memory::allocate(int64_t size) {
  SubAllocator::Block block = blocks_.allocate(size);
  if (block.segment < 0)
    fail(ErrorCode::kOutOfMemory, "the system has no ", size,
         " bytes of memory left; use a smaller batch, or set "
         "LINESHAFT_MEMORY_LIMIT below the free memory");
  return block;
}

void Memory::create(BufferId buffer, int64_t size) {
  if (buffer.slot() >= buffers_.size()) buffers_.resize(buffer.slot() + 1);
  buffers_[buffer.slot()] = {size, 0, {}};
}

void Memory::release(BufferId buffer) {
  Buffer& entry = buffers_[buffer.slot()];
  if (entry.block.segment >= 0) blocks_.release(entry.block);
  entry.block = {};
}

std::byte* Memory::address(BufferId buffer) {
  Buffer& entry = buffers_[buffer.slot()];
  if (entry.block.segment < 0) entry.block = allocate(entry.size);
  return address(entry.block);
}

}  // namespace lineshaft::cpu
