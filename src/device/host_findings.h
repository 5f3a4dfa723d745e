// Findings about GPUs that the machine has and the backends did not find: why such a GPU is not among the devices.
#pragma once

#include <vector>

#include "base/command_export.h"
#include "lineshaft/device/device.h"
#include "platform/graphics.h"

namespace lineshaft {

LINESHAFT_COMMAND_EXPORT bool is_gpu(const DeviceProperties& device);  // neither the CPU nor software Vulkan

// Empty where a GPU is among the devices, or where there is no sign of a GPU.
std::vector<Finding> host_findings(const GraphicsFiles& files, const std::vector<DeviceProperties>& devices);

}  // namespace lineshaft
