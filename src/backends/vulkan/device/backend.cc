#include <algorithm>

#include "backends/vulkan/device/device.h"
#include "backends/vulkan/device/features.h"
#include "backends/vulkan/device/loader.h"

namespace lineshaft::vulkan {
namespace {

struct Found {
  VkPhysicalDevice handle;
  Features features;
  DeviceProperties properties;
};

class VulkanBackend final : public Backend {
 public:
  std::string name() const override { return "vulkan"; }

  std::vector<DeviceProperties> enumerate(std::vector<Finding>& findings) override {
    try {
      find(findings);
    } catch (const std::exception& error) {
      findings.push_back(
          {"vulkan", error.what(), "`vulkaninfo --summary` shows whether the drivers work", Severity::kWarning});
    }
    std::vector<DeviceProperties> listed;
    for (const Found& found : found_) listed.push_back(found.properties);
    return listed;
  }

  std::unique_ptr<Device> open(int index) override {
    if (found_.empty()) {
      std::vector<Finding> ignored;
      find(ignored);
    }
    LS_REQUIRE(index >= 0 && index < static_cast<int>(found_.size()), "vulkan:", index, " is not there; there are ",
               found_.size(), " Vulkan devices");
    std::vector<Finding> ignored;
    const Found& found = found_[index];
    return make_device(*instance(ignored), found.handle, found.features, found.properties);
  }

 private:
  void find(std::vector<Finding>& findings) {
    if (std::string problem = wrong_variable(); !problem.empty()) {
      findings.push_back({"vulkan", problem, "correct it, or unset it", Severity::kError});
      return;
    }
    const Instance* all = instance(findings);
    if (!all) return;
    for (VkPhysicalDevice handle : all->devices) {
      Found found{handle, {}, {}};
      std::string problem = inspect(*all, handle, found.features, found.properties);
      if (!problem.empty()) {
        findings.push_back({"vulkan", concat("the device ", found.properties.name, " is not usable: ", problem),
                            "update its driver", Severity::kWarning});
        continue;
      }
      bool known = std::any_of(found_.begin(), found_.end(),
                               [&](const Found& other) { return other.properties.uuid == found.properties.uuid; });
      if (known) continue;
      found.properties.index = static_cast<int>(found_.size());
      found_.push_back(std::move(found));
    }
  }

  std::vector<Found> found_;
};

}  // namespace

std::unique_ptr<Backend> make_backend() {
  return std::make_unique<VulkanBackend>();
}

}  // namespace lineshaft::vulkan
