// Probes the drivers in child processes, so that a driver that crashes does not end this process.
#pragma once

#include <string>
#include <vector>

#include "backends/vulkan/device/loader.h"

namespace lineshaft::vulkan {

struct ProbeReport {
  bool usable = true;             // false: no driver works, not even alone
  std::string driver_files;       // the value for VK_DRIVER_FILES; empty: use all drivers that the loader finds
  std::vector<Finding> findings;  // about drivers that are not used
};

ProbeReport probe_drivers();
// From now on, the loader uses only these drivers in this process.
void choose_drivers(const std::string& driver_files);

// vkGetInstanceProcAddr of the loader; null where there is none.
PFN_vkGetInstanceProcAddr open_loader();
// Creates an instance and lists its devices. Where that fails, returns false and sets `problem`.
bool make_instance(PFN_vkGetInstanceProcAddr get, Instance& made, std::string& problem);

}  // namespace lineshaft::vulkan
