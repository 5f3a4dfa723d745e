#include "backends/vulkan/device/cooperative_matrix.h"

namespace lineshaft::vulkan {

CooperativeShape choose_cooperative_shape(const std::vector<VkCooperativeMatrixPropertiesKHR>& offered) {
  CooperativeShape best;
  for (const auto& p : offered) {
    bool types = p.AType == VK_COMPONENT_TYPE_FLOAT16_KHR && p.BType == VK_COMPONENT_TYPE_FLOAT16_KHR &&
                 p.CType == VK_COMPONENT_TYPE_FLOAT32_KHR && p.ResultType == VK_COMPONENT_TYPE_FLOAT32_KHR;
    if (!types || p.saturatingAccumulation || p.scope != VK_SCOPE_SUBGROUP_KHR) continue;
    auto fits = [](uint32_t size) { return size >= 8 && 32 % size == 0; };
    if (!fits(p.MSize) || !fits(p.NSize) || !fits(p.KSize)) continue;
    if (p.MSize * p.NSize * p.KSize > best.m * best.n * best.k) best = {p.MSize, p.NSize, p.KSize};
  }
  return best;
}

CooperativeShape cooperative_shape_of(const Instance& instance, VkPhysicalDevice device) {
  auto list = reinterpret_cast<PFN_vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR>(
      instance.api.GetInstanceProcAddr(instance.handle, "vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR"));
  uint32_t count = 0;
  if (!list || list(device, &count, nullptr) != VK_SUCCESS) return {};
  std::vector<VkCooperativeMatrixPropertiesKHR> offered(count,
                                                        {VK_STRUCTURE_TYPE_COOPERATIVE_MATRIX_PROPERTIES_KHR, nullptr});
  if (list(device, &count, offered.data()) < VK_SUCCESS) return {};
  offered.resize(count);
  return choose_cooperative_shape(offered);
}

}  // namespace lineshaft::vulkan
