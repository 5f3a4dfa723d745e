// An opened logical device: its handle, its functions and what it can do. Everything else of the backend refers to one.
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

// Memory with a buffer over all of it.
struct Allocation {
  VkDeviceMemory memory = VK_NULL_HANDLE;
  VkBuffer buffer = VK_NULL_HANDLE;
  std::byte* mapped = nullptr;
  VkDeviceSize size = 0;
  VkDeviceAddress address = 0;  // of the buffer, where `usage` asks for one
};
// An empty allocation (null buffer) when the driver has no memory for it.
Allocation allocate(const Gpu& gpu, VkDeviceSize size, uint32_t memory_type, VkBufferUsageFlags usage, bool mapped);
void free(const Gpu& gpu, Allocation& allocation);

}  // namespace lineshaft::vulkan
