#include "backends/vulkan/device/host_memory.h"

#include <algorithm>

namespace lineshaft::vulkan {
namespace {
constexpr VkDeviceSize kLeastChunk = 64 << 10;
constexpr VkDeviceSize kKeep = 16 << 20;  // chunks over this size are not kept between submissions
}  // namespace

HostMemory::~HostMemory() {
  for (Allocation& chunk : chunks_) free(gpu_, chunk);
}

HostBlock HostMemory::allocate(VkDeviceSize size) {
  size = (size + 255) & ~VkDeviceSize{255};
  while (current_ < chunks_.size() && used_ + size > chunks_[current_].size) {
    ++current_;
    used_ = 0;
  }
  if (current_ == chunks_.size()) {
    constexpr VkBufferUsageFlags kUsage = VK_BUFFER_USAGE_UNIFORM_BUFFER_BIT | VK_BUFFER_USAGE_STORAGE_BUFFER_BIT |
                                          VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT;
    Allocation chunk =
        vulkan::allocate(gpu_, std::max(size, kLeastChunk), gpu_.features.host_memory_type, kUsage, true);
    if (!chunk.buffer)
      fail(ErrorCode::kOutOfMemory, "the Vulkan driver has no ", size,
           " bytes of host-visible memory left; use a smaller batch");
    chunks_.push_back(chunk);
    used_ = 0;
  }
  HostBlock block{chunks_[current_].buffer, used_, chunks_[current_].mapped + used_};
  used_ += size;
  return block;
}

int64_t HostMemory::reserved() const {
  VkDeviceSize sum = 0;
  for (const Allocation& chunk : chunks_) sum += chunk.size;
  return static_cast<int64_t>(sum);
}

void HostMemory::clear() {
  std::erase_if(chunks_, [&](Allocation& chunk) {
    if (chunk.size <= kKeep) return false;
    free(gpu_, chunk);
    return true;
  });
  current_ = 0;
  used_ = 0;
}

}  // namespace lineshaft::vulkan
