// Declarations of VK_KHR_cooperative_matrix for older Vulkan headers, and the choice of a matrix shape.
#pragma once

#include <vector>

#include "backends/vulkan/device/loader.h"

#ifndef VK_KHR_cooperative_matrix
#define VK_KHR_cooperative_matrix 1
#define VK_KHR_COOPERATIVE_MATRIX_EXTENSION_NAME "VK_KHR_cooperative_matrix"

inline constexpr auto VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_COOPERATIVE_MATRIX_FEATURES_KHR =
    static_cast<VkStructureType>(1000506000);
inline constexpr auto VK_STRUCTURE_TYPE_COOPERATIVE_MATRIX_PROPERTIES_KHR = static_cast<VkStructureType>(1000506001);

enum VkComponentTypeKHR { VK_COMPONENT_TYPE_FLOAT16_KHR = 0, VK_COMPONENT_TYPE_FLOAT32_KHR = 1 };
enum VkScopeKHR { VK_SCOPE_SUBGROUP_KHR = 3 };

struct VkPhysicalDeviceCooperativeMatrixFeaturesKHR {
  VkStructureType sType;
  void* pNext;
  VkBool32 cooperativeMatrix;
  VkBool32 cooperativeMatrixRobustBufferAccess;
};

struct VkCooperativeMatrixPropertiesKHR {
  VkStructureType sType;
  void* pNext;
  uint32_t MSize, NSize, KSize;
  VkComponentTypeKHR AType, BType, CType, ResultType;
  VkBool32 saturatingAccumulation;
  VkScopeKHR scope;
};

using PFN_vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR = VkResult(VKAPI_PTR*)(VkPhysicalDevice, uint32_t*,
                                                                                   VkCooperativeMatrixPropertiesKHR*);
#endif

namespace lineshaft::vulkan {

// The sizes of the matrices that a subgroup multiplies in one instruction: m x k of f16 times k x n of f16, added to m
// x n of f32. 0: the device has none.
struct CooperativeShape {
  uint32_t m = 0, n = 0, k = 0;
  explicit operator bool() const { return m > 0; }
};

// The largest offered shape whose m, n and k are at least 8 and divide 32.
CooperativeShape choose_cooperative_shape(const std::vector<VkCooperativeMatrixPropertiesKHR>& offered);
// The shape for a device that has the extension and its feature.
CooperativeShape cooperative_shape_of(const Instance& instance, VkPhysicalDevice device);

}  // namespace lineshaft::vulkan
