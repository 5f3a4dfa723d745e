// The parameters of the shaders of resample and resample_grad.
#pragma once

#include <array>
#include <vector>

#include "backends/vulkan/planning/turns.h"
#include "lineshaft/ops/resample.h"

namespace lineshaft::vulkan {

// A scale for the shaders: the bits of an f32, or of an f64 in two words.
std::array<uint32_t, 2> scale_words(double scale, DType type);

// The push constants of common/resample_push.glsl.
struct GridPush {
  std::array<int32_t, 4> inputs{1, 1, 1, 1}, outputs{1, 1, 1, 1};
  std::array<std::array<uint32_t, 2>, 3> scale{};
  uint32_t count = 0;
  int32_t first_axis = 0;
};
GridPush grid_push(const TensorView& input, const TensorView& output, const TensorView& written,
                   const ResampleGeometry& geometry);
std::vector<uint32_t> grid_constants(const ResampleGeometry& geometry);
// kept_axes() of ops/kept_axes.h for two images.
uint32_t kept_axes_of(const ResampleGeometry& geometry, const TensorView& input, const TensorView& output,
                      bool gradient);

// Limits for resampling on a regular grid along spatial axis `axis`: the most inputs that an output reads, and the
// longest range of outputs that contains all readers of an input (ls_inputs and ls_outputs in
// common/axis_weights.glsl).
struct Reach {
  int64_t inputs = 1, outputs = 1;
};
Reach reach_of(const ResampleGeometry& geometry, int axis, int64_t inputs, int64_t outputs);
// The iterations of the loops over all axes in one dispatch, of the forward pass or the gradient.
Turns regular_turns(const ResampleGeometry& geometry, const TensorView& input, const TensorView& output, bool gradient);

// The push constants of common/point_taps.glsl.
struct PointPush {
  std::array<int32_t, 4> size{1, 1, 1, 1};
  uint32_t count = 0, channels = 0, points = 0;
  int32_t axes = 0;
  uint32_t first_channel = 0, end_channel = 0;
};
PointPush point_push(const TensorView& image, const TensorView& grid, int64_t count);
std::vector<uint32_t> point_constants(const ResampleGeometry& geometry);
// The number of elements of an image that a point reads.
int64_t taps_of(const ResampleGeometry& geometry, int axes);
// The iterations of the loops that find the elements which a point reads, and of the loops over these elements.
Turns finding_turns();
Turns taps_turns(const ResampleGeometry& geometry, int axes);

}  // namespace lineshaft::vulkan
