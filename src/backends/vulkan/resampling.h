// What the shaders of resample and resample_grad are given.
#pragma once

#include "backends/vulkan/index_space.h"
#include "ops/resample.h"

namespace lineshaft::vulkan {

// common/resample_push.glsl
struct GridPush {
  std::array<int32_t, 4> inputs{1, 1, 1, 1}, outputs{1, 1, 1, 1};
  std::array<std::array<uint32_t, 2>, 3> scale{};
  uint32_t count = 0;
  int32_t first_axis = 0;
};
GridPush grid_push(const TensorView& input, const TensorView& output, const TensorView& written,
                   const ResampleGeometry& geometry);
std::vector<uint32_t> grid_constants(const ResampleGeometry& geometry);

// common/point_taps.glsl
struct PointPush {
  std::array<int32_t, 4> size{1, 1, 1, 1};
  uint32_t count = 0, channels = 0, points = 0;
  int32_t axes = 0;
};
PointPush point_push(const TensorView& image, const TensorView& grid, int64_t count);
std::vector<uint32_t> point_constants(const ResampleGeometry& geometry);

}  // namespace lineshaft::vulkan
