// resample: interpolation over 1 to 3 spatial axes of [N, C, spatial...], on a regular grid (interpolate) or at given
// points (grid_sample).
//
// Regular: output position x reads the input at s = x * scale (align_corners, and kNearest) or s = (x + 0.5) * scale -
// 0.5 (linear: not below 0; cubic: as it is); kNearestExact reads floor((x + 0.5) * scale). `scale` is input step per
// output step, by axis; positions and weights are computed in f32 (f64 for f64). Linear weights the 2 neighbours, cubic
// 4 (a = -0.75), with positions clamped to the edge. antialias (2-d linear, cubic a = -0.5) widens the kernel by
// max(scale, 1) and normalizes the weights, as PIL does; an axis that keeps its size is copied. Points: grid is [N,
// spatial_out..., dims] in -1..1, last axis x first; padding and align_corners as torch.nn.functional.grid_sample
// documents them. On two axes, linear and cubic, a coordinate that is no finite number gives NaN where no padding
// brings it into the image.
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
  ResamplePadding padding = ResamplePadding::kZeros;  // points only

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
  TensorView grid;  // optional: points
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

// ResampleGeometry::scale of one axis where the whole input becomes the whole output.
LINESHAFT_EXPORT double resample_scale(int64_t input, int64_t output, bool align_corners);
// The output's sizes [N, C, spatial_out...] at the points of a grid [N, spatial_out..., dims], for an input [N, C,
// ...].
LINESHAFT_EXPORT Sizes resample_output_sizes(std::span<const int64_t> input, std::span<const int64_t> grid);
LINESHAFT_EXPORT void validate_resample(const TensorView& input, const TensorView& grid, const TensorView& output,
                                        const ResampleGeometry& geometry);

}  // namespace lineshaft
