// fold: col2im, the reverse of unfold: each element of the image is the sum of the window elements that unfold takes
// from it, in the order of the columns.
#pragma once

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

void validate(const Fold& op);

}  // namespace lineshaft
