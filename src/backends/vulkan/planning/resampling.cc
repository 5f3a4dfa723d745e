#include "backends/vulkan/planning/resampling.h"

#include <algorithm>
#include <bit>

#include "backends/vulkan/planning/elements.h"
#include "ops/kept_axes.h"

namespace lineshaft::vulkan {

std::array<uint32_t, 2> scale_words(double scale, DType type) {
  if (type == DType::kF64) return std::bit_cast<std::array<uint32_t, 2>>(scale);
  return {std::bit_cast<uint32_t>(static_cast<float>(scale)), 0};
}

GridPush grid_push(const TensorView& input, const TensorView& output, const TensorView& written,
                   const ResampleGeometry& geometry) {
  element_count(input.numel());
  element_count(output.numel());
  GridPush push{.count = element_count(written.numel()), .first_axis = 5 - input.rank};
  for (int i = 0; i < input.rank - 2; ++i) {
    int at = push.first_axis + i;
    push.inputs[at] = static_cast<int32_t>(input.sizes[2 + i]);
    push.outputs[at] = static_cast<int32_t>(output.sizes[2 + i]);
    push.scale[at] = scale_words(geometry.scale[i], input.dtype);
  }
  return push;
}

std::vector<uint32_t> grid_constants(const ResampleGeometry& geometry) {
  return {static_cast<uint32_t>(geometry.kind), geometry.align_corners, geometry.antialias};
}

uint32_t kept_axes_of(const ResampleGeometry& geometry, const TensorView& input, const TensorView& output,
                      bool gradient) {
  return kept_axes(geometry, input.shape().subspan(2), output.shape().subspan(2), gradient);
}

Reach reach_of(const ResampleGeometry& geometry, int axis, int64_t inputs, int64_t outputs) {
  double scale = geometry.scale[axis], half_width = geometry.kind == ResampleKind::kCubic ? 2 : 1;
  bool wide = geometry.antialias && scale > 1;
  double support = wide ? half_width * scale : half_width;
  auto at_most = [](double value, int64_t limit) {
    return value < static_cast<double>(limit) ? static_cast<int64_t>(value) : limit;
  };
  // A few elements more for what rounding in f32 shifts.
  double slack = 6 + static_cast<double>(std::max(inputs, outputs)) * 0x1p-20;
  Reach reach{std::min<int64_t>(inputs, 4), outputs};
  if (geometry.antialias) reach.inputs = at_most(2 * support + slack, inputs);
  if (scale > 0) {
    // The first and the last input take what lies beyond them too.
    double last = static_cast<double>(outputs) - (static_cast<double>(inputs) - 2 - support) / scale;
    reach.outputs = at_most(std::max((3 + 2 * support) / scale, last) + slack, outputs);
  }
  return reach;
}

Turns regular_turns(const ResampleGeometry& geometry, const TensorView& input, const TensorView& output,
                    bool gradient) {
  int axes = input.rank - 2;
  Turns turns = kNoLoops, totals = kNoLoops;
  for (int i = 2; i >= 0; --i) {
    int axis = i - (3 - axes);
    Reach reach;
    if (axis >= 0) reach = reach_of(geometry, axis, input.sizes[2 + axis], output.sizes[2 + axis]);
    Turns total = geometry.antialias ? loop(reach.inputs) : kNoLoops;
    turns = gradient ? loop(reach.outputs, total + turns) : loop(reach.inputs, turns);
    if (!(total <= totals)) totals = total;
  }
  return turns + loop(3, totals);
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

namespace {

int64_t taps_along(const ResampleGeometry& geometry) {
  return geometry.kind == ResampleKind::kNearest ? 1 : geometry.kind == ResampleKind::kCubic ? 4 : 2;
}

}  // namespace

int64_t taps_of(const ResampleGeometry& geometry, int axes) {
  int64_t taps = 1;
  for (int i = 0; i < axes; ++i) taps *= taps_along(geometry);
  return taps;
}

Turns finding_turns() {
  return Turns(3 * loop(4).count);
}

Turns taps_turns(const ResampleGeometry& geometry, int axes) {
  Turns turns = kNoLoops;
  for (int i = 0; i < 3; ++i) turns = loop(i < axes ? taps_along(geometry) : 1, turns);
  return turns;
}

}  // namespace lineshaft::vulkan
