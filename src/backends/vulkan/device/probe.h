// Looks at the drivers from a child process first, so that one that crashes takes only the child with it.
#pragma once

#include <string>
#include <vector>

#include "backends/vulkan/device/loader.h"

namespace lineshaft::vulkan {

struct ProbeReport {
  bool usable = true;             // false: not even one driver by itself survives
  std::string driver_files;       // for VK_DRIVER_FILES; empty: all drivers as the loader finds them
  std::vector<Finding> findings;  // drivers that were left out
};

ProbeReport probe_drivers();
// Has the loader use these drivers only, of this process from now on.
void choose_drivers(const std::string& driver_files);

// vkGetInstanceProcAddr of the loader; null where there is none.
PFN_vkGetInstanceProcAddr open_loader();
// Makes an instance and lists its devices. False with the reason where there is none.
bool make_instance(PFN_vkGetInstanceProcAddr get, Instance& made, std::string& problem);

}  // namespace lineshaft::vulkan
