// fold: col2im, the adjoint of unfold. Each element of the image is the sum of all elements of columns that unfold
// copies from it, added in the order of the columns. Any dtype but bool.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/ops/unfold.h"

namespace lineshaft {

struct Fold {
  TensorView input;   // [N, C*kh*kw, Ho*Wo]
  TensorView output;  // [N, C, H, W]
  Spatial kernel{1, 1, 1};
  ConvGeometry geometry;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& v) {
    v.input("input", self.input);
    v.output("output", self.output);
    v.param("kernel", self.kernel);
    ConvGeometry::fields(self.geometry, v);
  }
};

LINESHAFT_EXPORT void validate(const Fold& op);

// The image's sizes [N, C, H, W], for columns [N, C*kh*kw, Ho*Wo] and an image of `height` x `width`. Throws
// Error(kInvalidArgument) where the size C*kh*kw is not a multiple of kh*kw.
LINESHAFT_EXPORT Sizes fold_output_sizes(std::span<const int64_t> columns, std::span<const int64_t> kernel,
                                         int64_t height, int64_t width);

}  // namespace lineshaft
