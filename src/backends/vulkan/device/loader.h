// The Vulkan loader, its drivers and the devices they show.
#pragma once

#include <string>
#include <vector>

#include "backends/vulkan/device/api.h"
#include "lineshaft/device/device.h"

namespace lineshaft::vulkan {

// The process's Vulkan instance. Made once and kept until the process ends: some drivers do not survive being unloaded.
struct Instance {
  InstanceApi api;
  VkInstance handle = VK_NULL_HANDLE;
  std::vector<VkPhysicalDevice> devices;
};

// The instance, or null with what is wrong and its remedy added to `findings` (by the first call only). Drivers that
// crash while they are probed in a child process are left out by name.
const Instance* instance(std::vector<Finding>& findings);

}  // namespace lineshaft::vulkan
