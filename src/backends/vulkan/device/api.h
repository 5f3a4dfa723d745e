// Vulkan's functions, looked up at run time.
#pragma once

#define VK_NO_PROTOTYPES
#include <vulkan/vulkan_core.h>

#include "lineshaft/base/error.h"

namespace lineshaft::vulkan {

// The formatter moves lists in macros at every run.
// clang-format off
#define LS_VULKAN_INSTANCE_FUNCTIONS(X) \
  X(DestroyInstance) X(EnumeratePhysicalDevices) X(GetPhysicalDeviceProperties) X(GetPhysicalDeviceProperties2) \
  X(GetPhysicalDeviceFeatures2) X(GetPhysicalDeviceMemoryProperties2) X(GetPhysicalDeviceQueueFamilyProperties) \
  X(EnumerateDeviceExtensionProperties) X(CreateDevice) X(GetDeviceProcAddr)

#define LS_VULKAN_DEVICE_FUNCTIONS(X) \
  X(DestroyDevice) X(GetDeviceQueue) X(DeviceWaitIdle) X(QueueSubmit) X(AllocateMemory) X(FreeMemory) X(MapMemory) \
  X(CreateBuffer) X(DestroyBuffer) X(GetBufferDeviceAddress) X(GetBufferMemoryRequirements) X(BindBufferMemory) X(CreateBufferView) \
  X(DestroyBufferView) X(CreateDescriptorSetLayout) X(DestroyDescriptorSetLayout) X(CreatePipelineLayout) \
  X(DestroyPipelineLayout) X(CreateShaderModule) X(DestroyShaderModule) X(CreateComputePipelines) \
  X(DestroyPipeline) X(CreatePipelineCache) X(DestroyPipelineCache) X(GetPipelineCacheData) \
  X(CreateDescriptorPool) X(DestroyDescriptorPool) X(ResetDescriptorPool) X(AllocateDescriptorSets) \
  X(UpdateDescriptorSets) X(CreateCommandPool) X(DestroyCommandPool) X(ResetCommandPool) X(AllocateCommandBuffers) \
  X(BeginCommandBuffer) X(EndCommandBuffer) X(CmdBindPipeline) X(CmdBindDescriptorSets) X(CmdPushConstants) \
  X(CmdDispatch) X(CmdPipelineBarrier) X(CmdCopyBuffer) X(CmdFillBuffer) X(CmdResetQueryPool) X(CmdWriteTimestamp) \
  X(CreateQueryPool) X(DestroyQueryPool) X(GetQueryPoolResults) X(CreateSemaphore) X(DestroySemaphore) \
  X(WaitSemaphores) X(GetSemaphoreCounterValue)
// clang-format on

#define LS_VULKAN_MEMBER(name) PFN_vk##name name = nullptr;

struct InstanceApi {
  PFN_vkGetInstanceProcAddr GetInstanceProcAddr = nullptr;
  LS_VULKAN_INSTANCE_FUNCTIONS(LS_VULKAN_MEMBER)
};

struct DeviceApi {
  LS_VULKAN_DEVICE_FUNCTIONS(LS_VULKAN_MEMBER)
};

#undef LS_VULKAN_MEMBER

// Throws kDeviceLost, kOutOfMemory or kInternal unless `result` is a success.
void check(VkResult result, const char* what);

}  // namespace lineshaft::vulkan
