// unfold: im2col. Copies the sliding windows of an image [N, C, H, W] to columns. Any dtype.
//
//   output[n, c*kh*kw + i*kw + j, y*Wo + x] =
//       input[n, c, y*stride - padding + i*dilation, x*stride - padding + j*dilation], 0 outside the input
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/ops/conv.h"

namespace lineshaft {

struct Unfold {
  TensorView input;   // [N, C, H, W]
  TensorView output;  // [N, C*kh*kw, Ho*Wo]
  Spatial kernel{1, 1, 1};
  ConvGeometry geometry;  // groups is 1

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& v) {
    v.input("input", self.input);
    v.output("output", self.output);
    v.param("kernel", self.kernel);
    ConvGeometry::fields(self.geometry, v);
  }
};

LINESHAFT_EXPORT void validate(const Unfold& op);

// How many windows of sizes `kernel` an image [..., H, W] has along its height and its width; 0 where none fits.
LINESHAFT_EXPORT std::array<int64_t, 2> unfold_windows(std::span<const int64_t> image, std::span<const int64_t> kernel,
                                                       const ConvGeometry& geometry);
// The columns' sizes [N, C*kh*kw, Ho*Wo], for an image [N, C, H, W].
LINESHAFT_EXPORT Sizes unfold_output_sizes(std::span<const int64_t> image, std::span<const int64_t> kernel,
                                           const ConvGeometry& geometry);
// The part of validate that unfold and fold share.
LINESHAFT_EXPORT void validate_unfold(const TensorView& image, const TensorView& columns, const Spatial& kernel,
                                      const ConvGeometry& geometry);

}  // namespace lineshaft
