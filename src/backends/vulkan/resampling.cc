#include "backends/vulkan/resampling.h"

#include <bit>

namespace lineshaft::vulkan {

GridPush grid_push(const TensorView& input, const TensorView& output, const TensorView& written,
                   const ResampleGeometry& geometry) {
  element_count(input.numel());
  element_count(output.numel());
  GridPush push{.count = element_count(written.numel()), .first_axis = 5 - input.rank};
  for (int i = 0; i < input.rank - 2; ++i) {
    int at = push.first_axis + i;
    push.inputs[at] = static_cast<int32_t>(input.sizes[2 + i]);
    push.outputs[at] = static_cast<int32_t>(output.sizes[2 + i]);
    if (input.dtype == DType::kF64)
      push.scale[at] = std::bit_cast<std::array<uint32_t, 2>>(geometry.scale[i]);
    else
      push.scale[at][0] = std::bit_cast<uint32_t>(static_cast<float>(geometry.scale[i]));
  }
  return push;
}

std::vector<uint32_t> grid_constants(const ResampleGeometry& geometry) {
  return {static_cast<uint32_t>(geometry.kind), geometry.align_corners, geometry.antialias};
}

PointPush point_push(const TensorView& image, const TensorView& grid, int64_t count) {
  element_count(image.numel());
  PointPush push{
      .count = element_count(count), .channels = static_cast<uint32_t>(image.sizes[1]), .axes = image.rank - 2};
  int64_t points = 1;
  for (int i = 0; i < push.axes; ++i) {
    push.size[3 - push.axes + i] = static_cast<int32_t>(image.sizes[2 + i]);
    points *= grid.sizes[1 + i];
  }
  element_count(points * grid.sizes[0] * push.axes);
  push.points = static_cast<uint32_t>(points);
  return push;
}

std::vector<uint32_t> point_constants(const ResampleGeometry& geometry) {
  return {static_cast<uint32_t>(geometry.kind), geometry.align_corners, static_cast<uint32_t>(geometry.padding)};
}

}  // namespace lineshaft::vulkan
