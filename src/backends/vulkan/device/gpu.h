// An opened logical device: its handles, its functions and its features. The other classes of the backend refer to it;
// it outlives them.
#pragma once

#include "backends/vulkan/device/features.h"

namespace lineshaft::vulkan {

struct Gpu {
  DeviceApi api;
  VkPhysicalDevice physical = VK_NULL_HANDLE;
  VkDevice handle = VK_NULL_HANDLE;
  VkQueue queue = VK_NULL_HANDLE;
  Features features;

  Gpu(const Instance& instance, VkPhysicalDevice physical, const Features& features);
  ~Gpu();
  Gpu(const Gpu&) = delete;
  Gpu& operator=(const Gpu&) = delete;
};

// Device memory with one buffer over all of it.
struct Allocation {
  VkDeviceMemory memory = VK_NULL_HANDLE;
  VkBuffer buffer = VK_NULL_HANDLE;
  std::byte* mapped = nullptr;
  VkDeviceSize size = 0;
  VkDeviceAddress address = 0;  // of the buffer, where `usage` asks for one
};
// An empty allocation (null buffer) where the driver has no memory for it. The caller owns the result and calls free().
Allocation allocate(const Gpu& gpu, VkDeviceSize size, uint32_t memory_type, VkBufferUsageFlags usage, bool mapped);
void free(const Gpu& gpu, Allocation& allocation);

}  // namespace lineshaft::vulkan
