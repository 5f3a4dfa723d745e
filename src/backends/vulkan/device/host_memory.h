// Host-visible memory of one submission, for parameters and uploads. It is a bump allocator that is cleared when the
// submission is done.
#pragma once

#include <vector>

#include "backends/vulkan/device/gpu.h"

namespace lineshaft::vulkan {

struct HostBlock {
  VkBuffer buffer = VK_NULL_HANDLE;
  VkDeviceSize offset = 0;
  std::byte* data = nullptr;
};

class HostMemory {
 public:
  explicit HostMemory(const Gpu& gpu) : gpu_(gpu) {}
  ~HostMemory();
  HostMemory(const HostMemory&) = delete;
  HostMemory& operator=(const HostMemory&) = delete;

  HostBlock allocate(VkDeviceSize size);
  // Frees all blocks. Large chunks are returned to the system; the others are kept.
  void clear();
  int64_t reserved() const;

 private:
  const Gpu& gpu_;
  std::vector<Allocation> chunks_;
  size_t current_ = 0;
  VkDeviceSize used_ = 0;
};

}  // namespace lineshaft::vulkan
