// What is said where Vulkan is too old or has no driver, by functions in the place of such a loader's and such a
// driver's.
#include "backends/vulkan/device/loader.h"

#include <gtest/gtest.h>

#include <cstring>

#include "backends/vulkan/device/features.h"
#include "backends/vulkan/device/probe.h"

namespace lineshaft::vulkan {
namespace {

uint32_t loader_version = VK_API_VERSION_1_3;
uint32_t driver_version = VK_API_VERSION_1_3;

VkResult VKAPI_CALL enumerate_version(uint32_t* version) {
  *version = loader_version;
  return VK_SUCCESS;
}
VkResult VKAPI_CALL create_without_driver(const VkInstanceCreateInfo*, const VkAllocationCallbacks*, VkInstance*) {
  return VK_ERROR_INCOMPATIBLE_DRIVER;
}
void VKAPI_CALL describe_device(VkPhysicalDevice, VkPhysicalDeviceProperties* properties) {
  *properties = {};
  properties->apiVersion = driver_version;
  std::strcpy(properties->deviceName, "Aged Graphics 100");
}
PFN_vkVoidFunction VKAPI_CALL look_up(VkInstance, const char* name) {
  if (!std::strcmp(name, "vkEnumerateInstanceVersion")) return reinterpret_cast<PFN_vkVoidFunction>(enumerate_version);
  if (!std::strcmp(name, "vkCreateInstance")) return reinterpret_cast<PFN_vkVoidFunction>(create_without_driver);
  return nullptr;
}

std::string problem_of_loader(uint32_t version) {
  loader_version = version;
  Instance made;
  std::string problem;
  EXPECT_FALSE(make_instance(look_up, made, problem));
  return problem;
}

TEST(VulkanLoader, AnOldLoaderIsNamedWithTheVersionThatServes) {
  EXPECT_EQ(problem_of_loader(VK_API_VERSION_1_1),
            "the Vulkan loader is of version 1.1; 1.2 is the oldest that serves");
}

TEST(VulkanLoader, ALoaderWithoutDriversSaysSo) {
  EXPECT_EQ(problem_of_loader(VK_API_VERSION_1_3), "no Vulkan driver is installed");
}

TEST(VulkanLoader, AnOldDriverIsNamedWithTheVersionThatServes) {
  driver_version = VK_API_VERSION_1_1;
  Instance instance;
  instance.api.GetPhysicalDeviceProperties = describe_device;
  Features features;
  DeviceProperties properties;
  EXPECT_EQ(inspect(instance, VK_NULL_HANDLE, features, properties),
            "its driver offers Vulkan 1.1; 1.2 is the oldest that serves");
  EXPECT_EQ(properties.name, "Aged Graphics 100");
}

}  // namespace
}  // namespace lineshaft::vulkan
