// The Vulkan backend's device: records each list into one command buffer and submits it; a timeline semaphore counts
// tickets.
#pragma once

#include <memory>

#include "backends/vulkan/device/features.h"
#include "lineshaft/device/device.h"

namespace lineshaft::vulkan {

std::unique_ptr<Device> make_device(const Instance& instance, VkPhysicalDevice physical, const Features& features,
                                    const DeviceProperties& properties);

}  // namespace lineshaft::vulkan
