// conv_grad_weight: the gradient of conv with respect to its weight.
//
//   output[o, c, t] = sum over n, x of grad_output[n, o, x] * input[n, g*C/G + c, x*stride + t*dilation - padding]
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/ops/conv.h"

namespace lineshaft {

struct ConvGradWeight {
  TensorView input;        // [N, C, spatial...]
  TensorView grad_output;  // [N, O, spatial...]
  TensorView output;       // [O, C/groups, kernel...]
  ConvGeometry geometry;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& v) {
    v.input("input", self.input);
    v.input("grad_output", self.grad_output);
    v.output("output", self.output);
    ConvGeometry::fields(self.geometry, v);
  }
};

LINESHAFT_EXPORT void validate(const ConvGradWeight& op);
LINESHAFT_EXPORT double units_of(const ConvGradWeight& op);

}  // namespace lineshaft
