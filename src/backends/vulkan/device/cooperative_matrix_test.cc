#include "backends/vulkan/device/cooperative_matrix.h"

#include <gtest/gtest.h>

namespace lineshaft::vulkan {
namespace {

VkCooperativeMatrixPropertiesKHR offer(uint32_t m, uint32_t n, uint32_t k) {
  VkCooperativeMatrixPropertiesKHR p{VK_STRUCTURE_TYPE_COOPERATIVE_MATRIX_PROPERTIES_KHR};
  p.MSize = m;
  p.NSize = n;
  p.KSize = k;
  p.AType = p.BType = VK_COMPONENT_TYPE_FLOAT16_KHR;
  p.CType = p.ResultType = VK_COMPONENT_TYPE_FLOAT32_KHR;
  p.scope = VK_SCOPE_SUBGROUP_KHR;
  return p;
}

TEST(VulkanCooperativeMatrix, TheLargestShapeThatFitsTheTilesIsChosen) {
  CooperativeShape shape = choose_cooperative_shape({offer(16, 8, 8), offer(16, 16, 16), offer(16, 8, 16)});
  EXPECT_EQ(shape.m, 16u);
  EXPECT_EQ(shape.n, 16u);
  EXPECT_EQ(shape.k, 16u);
  shape = choose_cooperative_shape({offer(64, 64, 64), offer(12, 12, 12), offer(8, 8, 4), offer(8, 16, 16)});
  EXPECT_EQ(shape.m, 8u);
  EXPECT_EQ(shape.n, 16u);
}

TEST(VulkanCooperativeMatrix, OnlyShapesOfASubgroupThatSumInF32Serve) {
  auto halves = offer(16, 16, 16), workgroup = offer(16, 16, 16), clamped = offer(16, 16, 16),
       floats = offer(16, 16, 16);
  halves.CType = halves.ResultType = VK_COMPONENT_TYPE_FLOAT16_KHR;
  workgroup.scope = static_cast<VkScopeKHR>(2);
  clamped.saturatingAccumulation = VK_TRUE;
  floats.AType = floats.BType = VK_COMPONENT_TYPE_FLOAT32_KHR;
  EXPECT_FALSE(choose_cooperative_shape({halves, workgroup, clamped, floats}));
  EXPECT_FALSE(choose_cooperative_shape({}));
}

}  // namespace
}  // namespace lineshaft::vulkan
