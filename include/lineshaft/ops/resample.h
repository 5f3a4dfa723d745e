// resample: interpolation over 1 to 3 spatial axes of [N, C, spatial...], on a regular grid
// (torch.nn.functional.interpolate) or at given points (grid_sample).
//
// Regular grid: output position x reads the input at
//
//   kNearest           floor(x * scale)
//   kNearestExact      floor((x + 0.5) * scale)
//   kLinear, kCubic    s = x * scale with align_corners, else (x + 0.5) * scale - 0.5 (kLinear: at least 0)
//
// `scale` is, for each axis, the step of the input for one step of the output. kLinear interpolates between the 2
// neighbours of s, kCubic between 4 (a = -0.75); positions outside the input are clamped to its edge. antialias, for
// kLinear and kCubic (then a = -0.5) on two axes, widens the kernel by max(scale, 1) and normalizes the weights, as PIL
// does; an axis that keeps its size is copied. Positions and weights are computed in f32 (f64 for f64).
//
// Points: `grid` is [N, spatial_out..., dims], of the input's dtype. Its coordinates are -1 to 1 inside the input, with
// that of the last axis first; padding and align_corners are those of torch.nn.functional.grid_sample. kLinear and
// kCubic on two axes give NaN for a coordinate that is not finite, unless the padding moves it into the image. Points
// take floats, without kNearestExact and antialias.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/ops/operation.h"

namespace lineshaft {

enum class ResampleKind : uint8_t { kNearest, kNearestExact, kLinear, kCubic };
enum class ResamplePadding : uint8_t { kZeros, kBorder, kReflection };
LINESHAFT_ENUM_NAMES(ResampleKind, "nearest", "nearest_exact", "linear", "cubic")
LINESHAFT_ENUM_NAMES(ResamplePadding, "zeros", "border", "reflection")

struct ResampleGeometry {
  ResampleKind kind = ResampleKind::kNearest;
  bool align_corners = false;
  bool antialias = false;
  std::array<double, 3> scale{1, 1, 1};
  ResamplePadding padding = ResamplePadding::kZeros;  // for points only

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& v) {
    v.param("kind", self.kind);
    v.param("align_corners", self.align_corners);
    v.param("antialias", self.antialias);
    v.param("scale", self.scale);
    v.param("padding", self.padding);
  }
};

struct Resample {
  TensorView input;
  TensorView grid;  // optional: the points; without it the grid is regular
  TensorView output;
  ResampleGeometry geometry;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& v) {
    v.input("input", self.input);
    v.input("grid", self.grid);
    v.output("output", self.output);
    ResampleGeometry::fields(self.geometry, v);
  }
};

LINESHAFT_EXPORT void validate(const Resample& op);

// ResampleGeometry::scale of one axis for which the whole input becomes the whole output.
LINESHAFT_EXPORT double resample_scale(int64_t input, int64_t output, bool align_corners);
// The output's sizes [N, C, spatial_out...] at the points of a grid [N, spatial_out..., dims], for an input [N, C,
// ...].
LINESHAFT_EXPORT Sizes resample_output_sizes(std::span<const int64_t> input, std::span<const int64_t> grid);
LINESHAFT_EXPORT void validate_resample(const TensorView& input, const TensorView& grid, const TensorView& output,
                                        const ResampleGeometry& geometry);

}  // namespace lineshaft
