// What the machine shows of GPUs beside what the backends found: why a GPU that is there is not among the devices.
#pragma once

#include <vector>

#include "base/command_export.h"
#include "lineshaft/device/device.h"
#include "platform/graphics.h"

namespace lineshaft {

LINESHAFT_COMMAND_EXPORT bool is_gpu(const DeviceProperties& device);  // a real one

// Empty when a GPU is among the devices, or when nothing says that there is one.
std::vector<Finding> host_findings(const GraphicsFiles& files, const std::vector<DeviceProperties>& devices);

}  // namespace lineshaft
