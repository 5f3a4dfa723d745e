#include "backends/vulkan/device/loader.h"

#include "backends/vulkan/device/probe.h"
#include "platform/graphics.h"
#include "platform/library.h"

namespace lineshaft::vulkan {

namespace {

// Its name, and what it says in plain words.
std::string meaning_of(VkResult result) {
  switch (result) {
    case VK_ERROR_INITIALIZATION_FAILED:
      return "VK_ERROR_INITIALIZATION_FAILED: the driver cannot set something up";
    case VK_ERROR_LAYER_NOT_PRESENT:
      return "VK_ERROR_LAYER_NOT_PRESENT: a layer that the environment asks for is not installed";
    case VK_ERROR_EXTENSION_NOT_PRESENT:
      return "VK_ERROR_EXTENSION_NOT_PRESENT: the driver lacks an extension that it said it has";
    case VK_ERROR_FEATURE_NOT_PRESENT:
      return "VK_ERROR_FEATURE_NOT_PRESENT: the driver lacks a feature that it said it has";
    case VK_ERROR_INCOMPATIBLE_DRIVER:
      return "VK_ERROR_INCOMPATIBLE_DRIVER: no driver fits the loader";
    case VK_ERROR_TOO_MANY_OBJECTS:
      return "VK_ERROR_TOO_MANY_OBJECTS: too many objects of this kind are alive";
    case VK_ERROR_FRAGMENTED_POOL:
    case VK_ERROR_OUT_OF_POOL_MEMORY:
    case VK_ERROR_FRAGMENTATION:
      return "its memory is full or in too small pieces";
    default:
      return concat("VkResult ", static_cast<int>(result), ": an error that the driver does not explain");
  }
}

}  // namespace

void check(VkResult result, const char* what) {
  if (result >= 0) return;
  switch (result) {
    case VK_ERROR_DEVICE_LOST:
      fail(ErrorCode::kDeviceLost, "the Vulkan device is lost (", what,
           "): its driver was reset or removed; restart the program");
    case VK_ERROR_OUT_OF_HOST_MEMORY:
    case VK_ERROR_OUT_OF_DEVICE_MEMORY:
      fail(ErrorCode::kOutOfMemory, "the Vulkan driver has no memory left for ", what, "; use a smaller batch");
    default:
      fail(ErrorCode::kInternal, "the Vulkan driver fails at ", what, " (", meaning_of(result),
           "); `vulkaninfo --summary` shows whether it works, and an update of the driver may mend it");
  }
}

PFN_vkGetInstanceProcAddr open_loader() {
  for (const char* name : vulkan_loader_names()) {
    SharedLibrary library(name);
    if (!library) continue;
    auto get = library.function<PFN_vkGetInstanceProcAddr>("vkGetInstanceProcAddr");
    library.keep();  // some drivers do not survive being unloaded
    return get;
  }
  return nullptr;
}

bool make_instance(PFN_vkGetInstanceProcAddr get, Instance& made, std::string& problem) {
  auto create = reinterpret_cast<PFN_vkCreateInstance>(get(VK_NULL_HANDLE, "vkCreateInstance"));
  auto version = reinterpret_cast<PFN_vkEnumerateInstanceVersion>(get(VK_NULL_HANDLE, "vkEnumerateInstanceVersion"));
  uint32_t loader = VK_API_VERSION_1_0;
  if (version) version(&loader);
  if (!create || loader < VK_API_VERSION_1_2) {
    problem = concat("the Vulkan loader is of version ", VK_API_VERSION_MAJOR(loader), ".",
                     VK_API_VERSION_MINOR(loader), "; 1.2 is the oldest that serves");
    return false;
  }
  VkApplicationInfo application{VK_STRUCTURE_TYPE_APPLICATION_INFO};
  application.pApplicationName = "lineshaft";
  application.apiVersion = VK_API_VERSION_1_2;
  VkInstanceCreateInfo info{VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO};
  info.pApplicationInfo = &application;
  VkResult result = create(&info, nullptr, &made.handle);
  if (result != VK_SUCCESS) {
    problem = result == VK_ERROR_INCOMPATIBLE_DRIVER
                  ? "no Vulkan driver is installed"
                  : concat("the Vulkan loader cannot start (", meaning_of(result), ")");
    return false;
  }
  made.api.GetInstanceProcAddr = get;
#define X(name) made.api.name = reinterpret_cast<PFN_vk##name>(get(made.handle, "vk" #name));
  LS_VULKAN_INSTANCE_FUNCTIONS(X)
#undef X
  uint32_t count = 0;
  made.api.EnumeratePhysicalDevices(made.handle, &count, nullptr);
  made.devices.resize(count);
  made.api.EnumeratePhysicalDevices(made.handle, &count, made.devices.data());
  made.devices.resize(count);
  if (count == 0) problem = "no Vulkan driver shows a device";
  return count > 0;
}

namespace {

constexpr const char* kInstallDriver =
    "install a driver: apt-get install mesa-vulkan-drivers (AMD, Intel, and lavapipe for the CPU), or NVIDIA's own; in "
    "a container, pass "
    "/dev/dri through (--device /dev/dri)";

const Instance* load(std::vector<Finding>& findings) {
  PFN_vkGetInstanceProcAddr get = open_loader();
  if (!get) {
    findings.push_back({"vulkan", concat("the Vulkan loader ", vulkan_loader_names().front(), " is not installed"),
                        "install it: apt-get install libvulkan1 mesa-vulkan-drivers"});
    return nullptr;
  }
  ProbeReport report = probe_drivers();
  for (const Finding& finding : report.findings) findings.push_back(finding);
  if (!report.usable) return nullptr;
  if (!report.driver_files.empty()) choose_drivers(report.driver_files);
  auto* made = new Instance;
  std::string problem;
  if (make_instance(get, *made, problem)) return made;
  bool loader_old = problem.find("loader is of version") != std::string::npos;
  findings.push_back(
      {"vulkan", problem, loader_old ? "install a newer one: apt-get install libvulkan1" : kInstallDriver});
  return nullptr;
}

}  // namespace

const Instance* instance(std::vector<Finding>& findings) {
  static const Instance* made = load(findings);
  return made;
}

}  // namespace lineshaft::vulkan
