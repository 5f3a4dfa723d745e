#include <sys/mman.h>

#include "backends/cpu/device.h"
#include "stream/no_memory.h"

#if defined(__SANITIZE_ADDRESS__)
#define LINESHAFT_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LINESHAFT_ADDRESS_SANITIZER 1
#endif
#endif
#ifdef LINESHAFT_ADDRESS_SANITIZER
#include <sanitizer/asan_interface.h>
#endif

namespace lineshaft::cpu {
namespace {

// AddressSanitizer sees blocks as it sees malloc's: what is free, and a gap behind each block, must not be touched.
#ifdef LINESHAFT_ADDRESS_SANITIZER
constexpr int64_t kGap = 256;
void forbid(const std::byte* base, int64_t size) {
  __asan_poison_memory_region(base, static_cast<size_t>(size));
}
void permit(const std::byte* base, int64_t size) {
  __asan_unpoison_memory_region(base, static_cast<size_t>(size));
}
#else
constexpr int64_t kGap = 0;
void forbid(const std::byte*, int64_t) {}
void permit(const std::byte*, int64_t) {}
#endif

}  // namespace

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
  if (size > limit_ - blocks_.reserved()) return false;
  void* base = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (base == MAP_FAILED) return false;
  madvise(base, size, MADV_HUGEPAGE);
  if (number >= static_cast<int32_t>(segments_.size())) segments_.resize(number + 1);
  segments_[number] = {static_cast<std::byte*>(base), size};
  forbid(segments_[number].base, size);
  return true;
}

void Memory::free_segment(int32_t number) {
  permit(segments_[number].base, segments_[number].size);
  munmap(segments_[number].base, segments_[number].size);
  segments_[number] = {};
}

SubAllocator::Block Memory::allocate(int64_t size) {
  constexpr int64_t kMost = int64_t{1} << 60;  // beyond it sizes are products that have run over
  SubAllocator::Block block;
  if (size >= 0 && size <= kMost) block = blocks_.allocate(size + kGap);
  if (block.segment < 0 && size >= 0 && size <= limit_) {
    blocks_.trim();
    block = blocks_.allocate(size + kGap);
  }
  if (block.segment < 0 && limit_ != INT64_MAX)
    fail(ErrorCode::kOutOfMemory, size, " bytes are needed; the limit is ", limit_,
         " with caches and scratch, of which ", blocks_.in_use(),
         " are in use; use a smaller batch, or ask for a larger quota");
  if (block.segment < 0)
    fail(ErrorCode::kOutOfMemory, "the system has no ", size,
         " bytes of memory left; use a smaller batch, or set "
         "LINESHAFT_MEMORY_LIMIT below the free memory");
  permit(address(block), size);
  return block;
}

void Memory::free(const SubAllocator::Block& block) {
  forbid(address(block), block.size);
  blocks_.release(block);
}

void Memory::create(BufferId buffer, int64_t size) {
  if (buffer.slot() >= buffers_.size()) buffers_.resize(buffer.slot() + 1);
  buffers_[buffer.slot()] = {size, 0, {}};
}

void Memory::release(BufferId buffer) {
  Buffer& entry = buffers_[buffer.slot()];
  if (entry.block.segment >= 0) free(entry.block);
  entry.block = {};
}

std::byte* Memory::address(BufferId buffer) {
  Buffer& entry = buffers_[buffer.slot()];
  if (entry.block.segment < 0 && entry.size == kNoMemory)
    fail(ErrorCode::kOutOfMemory, "it uses a tensor for which there was no memory");
  if (entry.block.segment < 0) entry.block = allocate(entry.size);
  return address(entry.block);
}

}  // namespace lineshaft::cpu
