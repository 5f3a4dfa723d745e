#include "backends/vulkan/device/memory.h"

#include "commands/no_memory.h"

namespace lineshaft::vulkan {

Memory::Memory(const Gpu& gpu)
    : gpu_(gpu),
      blocks_(
          {.alignment = 256}, [this](int32_t number, int64_t size) { return make_segment(number, size); },
          [this](int32_t number) { free(gpu_, segments_[number]); }) {}

Memory::~Memory() {
  for (Allocation& segment : segments_) free(gpu_, segment);
}

bool Memory::make_segment(int32_t number, int64_t size) {
  if (size > limit_ - blocks_.reserved()) return false;
  if (number >= static_cast<int32_t>(segments_.size())) segments_.resize(number + 1);
  VkBufferUsageFlags usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_TRANSFER_SRC_BIT |
                             VK_BUFFER_USAGE_TRANSFER_DST_BIT | VK_BUFFER_USAGE_UNIFORM_TEXEL_BUFFER_BIT;
  if (gpu_.features.bda) usage |= VK_BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT;
  segments_[number] =
      allocate(gpu_, static_cast<VkDeviceSize>(size), gpu_.features.memory_type, usage, gpu_.features.mapped);
  return segments_[number].buffer != VK_NULL_HANDLE;
}

void Memory::create(BufferId buffer, int64_t size) {
  if (buffer.slot() >= buffers_.size()) buffers_.resize(buffer.slot() + 1);
  buffers_[buffer.slot()] = {size, {}};
}

void Memory::release(BufferId buffer) {
  Entry& freed = entry(buffer);
  if (freed.block.segment >= 0) blocks_.release(freed.block);
  freed.block = {};
}

Memory::Entry& Memory::entry(BufferId buffer) {
  return buffer.generation() == kDeviceGeneration ? scratch_[buffer.slot()] : buffers_[buffer.slot()];
}

Place Memory::place(BufferId buffer) {
  Entry& found = entry(buffer);
  if (found.block.segment < 0 && found.size == kNoMemory)
    fail(ErrorCode::kOutOfMemory, "it uses a tensor for which there was no memory");
  if (found.block.segment < 0) {
    found.block = blocks_.allocate(found.size);
    if (found.block.segment < 0)
      fail(ErrorCode::kOutOfMemory, "the device has no ", found.size, " bytes of memory left beside the ",
           blocks_.reserved(),
           " that are held; use a smaller batch, or set LINESHAFT_MEMORY_LIMIT below the free memory");
  }
  const Allocation& segment = segments_[found.block.segment];
  return {segment.buffer,
          found.block.segment,
          found.block.offset,
          found.block.size,
          segment.mapped ? segment.mapped + found.block.offset : nullptr,
          segment.address};
}

BufferId Memory::create_scratch(int64_t size) {
  constexpr int64_t kMost = int64_t{1} << 60;  // beyond it, or below 0, sizes are products that have run over
  if (size < 0 || size > kMost) fail(ErrorCode::kOutOfMemory, "an operation needs more scratch memory than there is");
  scratch_.push_back({size, {}});
  return BufferId::make(static_cast<uint32_t>(scratch_.size() - 1), kDeviceGeneration);
}

void Memory::release_scratch(size_t keep) {
  for (; scratch_.size() > keep; scratch_.pop_back())
    if (scratch_.back().block.segment >= 0) blocks_.release(scratch_.back().block);
}

int64_t Memory::scratch_bytes(size_t keep) const {
  int64_t sum = 0;
  for (size_t i = keep; i < scratch_.size(); ++i) sum += scratch_[i].size;
  return sum;
}

}  // namespace lineshaft::vulkan
