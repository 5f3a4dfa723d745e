#include "backends/vulkan/device/gpu.h"

#include <utility>
#include <vector>

namespace lineshaft::vulkan {

Gpu::Gpu(const Instance& instance, VkPhysicalDevice physical, const Features& features)
    : physical(physical), features(features) {
  VkPhysicalDeviceVulkan12Features has12{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES};
  VkPhysicalDeviceVulkan11Features has11{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_FEATURES, &has12};
  VkPhysicalDeviceFeatures2 has{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2, &has11};
  instance.api.GetPhysicalDeviceFeatures2(physical, &has);

  VkPhysicalDeviceVulkan12Features use12{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES};
  use12.timelineSemaphore = VK_TRUE;
  use12.shaderFloat16 = features.f16;
  use12.storageBuffer8BitAccess = features.storage8;
  use12.bufferDeviceAddress = features.bda;
  // With the memory model on, the atomics of the other kernels need its scope too.
  use12.vulkanMemoryModel = use12.vulkanMemoryModelDeviceScope = static_cast<bool>(features.cooperative);
  VkPhysicalDeviceVulkan11Features use11{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_FEATURES, &use12};
  use11.storageBuffer16BitAccess = features.storage16;
  VkPhysicalDeviceFeatures2 use{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2, &use11};
  use.features.shaderFloat64 = features.f64;
  use.features.shaderInt64 = features.i64;

  std::vector<const char*> extensions;
  VkPhysicalDeviceSubgroupSizeControlFeatures control{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_FEATURES};
  VkPhysicalDeviceCooperativeMatrixFeaturesKHR matrices{
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_COOPERATIVE_MATRIX_FEATURES_KHR};
  auto extend = [&](const char* name, auto& structure) {
    extensions.push_back(name);
    structure.pNext = std::exchange(use.pNext, &structure);
  };
  if (features.subgroup_size_control) {
    control.subgroupSizeControl = control.computeFullSubgroups = VK_TRUE;
    extend(VK_EXT_SUBGROUP_SIZE_CONTROL_EXTENSION_NAME, control);
  }
  if (features.cooperative) {
    matrices.cooperativeMatrix = VK_TRUE;
    extend(VK_KHR_COOPERATIVE_MATRIX_EXTENSION_NAME, matrices);
  }

  float priority = 1;
  VkDeviceQueueCreateInfo queues{VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO};
  queues.queueFamilyIndex = features.queue_family;
  queues.queueCount = 1;
  queues.pQueuePriorities = &priority;
  VkDeviceCreateInfo info{VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO, &use};
  info.queueCreateInfoCount = 1;
  info.pQueueCreateInfos = &queues;
  info.enabledExtensionCount = static_cast<uint32_t>(extensions.size());
  info.ppEnabledExtensionNames = extensions.data();
  check(instance.api.CreateDevice(physical, &info, nullptr, &handle), "vkCreateDevice");
#define X(name) api.name = reinterpret_cast<PFN_vk##name>(instance.api.GetDeviceProcAddr(handle, "vk" #name));
  LS_VULKAN_DEVICE_FUNCTIONS(X)
#undef X
  api.GetDeviceQueue(handle, features.queue_family, 0, &queue);
}

Gpu::~Gpu() {
  api.DestroyDevice(handle, nullptr);
}

Allocation allocate(const Gpu& gpu, VkDeviceSize size, uint32_t memory_type, VkBufferUsageFlags usage, bool mapped) {
  Allocation made;
  made.size = size;
  VkBufferCreateInfo info{VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO};
  info.size = size;
  info.usage = usage;
  if (gpu.api.CreateBuffer(gpu.handle, &info, nullptr, &made.buffer) != VK_SUCCESS) return {};
  VkMemoryRequirements needs;
  gpu.api.GetBufferMemoryRequirements(gpu.handle, made.buffer, &needs);
  VkMemoryAllocateInfo memory{VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO};
  memory.allocationSize = needs.size;
  memory.memoryTypeIndex = memory_type;
  bool addressed = usage & VK_BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT;
  VkMemoryAllocateFlagsInfo flags{VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_FLAGS_INFO};
  flags.flags = VK_MEMORY_ALLOCATE_DEVICE_ADDRESS_BIT;
  if (addressed) memory.pNext = &flags;
  bool fits = needs.memoryTypeBits & (1u << memory_type);
  void* address = nullptr;
  if (!fits || gpu.api.AllocateMemory(gpu.handle, &memory, nullptr, &made.memory) != VK_SUCCESS) {
    gpu.api.DestroyBuffer(gpu.handle, made.buffer, nullptr);
    return {};
  }
  if (gpu.api.BindBufferMemory(gpu.handle, made.buffer, made.memory, 0) != VK_SUCCESS ||
      (mapped && gpu.api.MapMemory(gpu.handle, made.memory, 0, VK_WHOLE_SIZE, 0, &address) != VK_SUCCESS)) {
    free(gpu, made);
    return {};
  }
  made.mapped = static_cast<std::byte*>(address);
  VkBufferDeviceAddressInfo named{VK_STRUCTURE_TYPE_BUFFER_DEVICE_ADDRESS_INFO, nullptr, made.buffer};
  if (addressed) made.address = gpu.api.GetBufferDeviceAddress(gpu.handle, &named);
  return made;
}

void free(const Gpu& gpu, Allocation& allocation) {
  if (allocation.buffer) gpu.api.DestroyBuffer(gpu.handle, allocation.buffer, nullptr);
  if (allocation.memory) gpu.api.FreeMemory(gpu.handle, allocation.memory, nullptr);
  allocation = {};
}

}  // namespace lineshaft::vulkan
