// The Vulkan loader, its drivers and their devices.
#pragma once

#include <string>
#include <vector>

#include "backends/vulkan/device/api.h"
#include "lineshaft/device/device.h"

namespace lineshaft::vulkan {

// The process's Vulkan instance. It is created once and never destroyed: some drivers crash when they are unloaded.
struct Instance {
  InstanceApi api;
  VkInstance handle = VK_NULL_HANDLE;
  std::vector<VkPhysicalDevice> devices;
};

// The instance. Where there is none, returns null, and the first call adds the problem and its remedy to `findings`.
// Drivers that crash while they are probed in a child process are not used, and a finding names them.
const Instance* instance(std::vector<Finding>& findings);

}  // namespace lineshaft::vulkan
