// conv_grad_input: the gradient of conv with respect to its input; used forward, a transposed convolution.
//
//   grad_input[n, c, y] = sum over o, x, t with y = x*stride + t*dilation - padding of grad_output[n, o, x] * weight[o,
//   c, t]
//
// `output` is grad_input; its spatial sizes choose among those that give grad_output's sizes.
#pragma once

#include "ops/conv.h"

namespace lineshaft {

struct ConvGradInput {
  TensorView grad_output;  // [N, O, spatial...]
  TensorView weight;       // [O, C/groups, kernel...]
  TensorView output;       // [N, C, spatial...]
  ConvGeometry geometry;
  Epilogue epilogue;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& v) {
    v.input("grad_output", self.grad_output);
    v.input("weight", self.weight);
    v.output("output", self.output);
    ConvGeometry::fields(self.geometry, v);
    Epilogue::fields(self.epilogue, v);
  }
};

void validate(const ConvGradInput& op);

}  // namespace lineshaft
