#include "backends/vulkan/device/probe.h"

#include <chrono>

#include "platform/environment.h"
#include "platform/graphics.h"
#include "platform/process.h"

namespace lineshaft::vulkan {
namespace {

constexpr std::chrono::seconds kProbeLimit{20};

// Touches every device as enumeration will.
void touch_devices(const std::string& driver_files) {
  if (!driver_files.empty()) choose_drivers(driver_files);
  Instance made;
  std::string problem;
  if (PFN_vkGetInstanceProcAddr get = open_loader(); get && make_instance(get, made, problem)) {
    for (VkPhysicalDevice device : made.devices) {
      VkPhysicalDeviceProperties properties;
      made.api.GetPhysicalDeviceProperties(device, &properties);
    }
  }
}

Trial probe(const std::string& driver_files) {
  Trial trial = try_in_child([&] { touch_devices(driver_files); }, kProbeLimit);
  return trial == Trial::kUnknown ? Trial::kSurvived : trial;  // this process finds out by itself
}

}  // namespace

void choose_drivers(const std::string& driver_files) {
  set_environment("VK_DRIVER_FILES", driver_files);
  set_environment("VK_ICD_FILENAMES", driver_files);
}

ProbeReport probe_drivers() {
  ProbeReport report;
  if (probe("") == Trial::kSurvived) return report;
  for (const std::string& file : vulkan_driver_files()) {
    Trial outcome = probe(file);
    if (outcome == Trial::kSurvived) {
      report.driver_files += (report.driver_files.empty() ? "" : ":") + file;
      continue;
    }
    report.findings.push_back({"vulkan",
                               concat("the driver ", file, outcome == Trial::kHung ? " hangs" : " crashes",
                                      " while it is probed; it is left out"),
                               "update or remove that driver; `vulkaninfo --summary` shows whether it works",
                               Severity::kWarning});
  }
  report.usable = !report.driver_files.empty();
  return report;
}

}  // namespace lineshaft::vulkan
