// conv_grad_input: the gradient of conv with respect to its input; used forward, a transposed convolution.
//
//   grad_input[n, c, y] = sum over o, x, t with y = x*stride + t*dilation - padding of grad_output[n, o, x] * weight[o,
//   c, t]
//
// `output` is grad_input; its spatial sizes choose among those that give grad_output's sizes.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/ops/conv.h"

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

LINESHAFT_EXPORT void validate(const ConvGradInput& op);
LINESHAFT_EXPORT double units_of(const ConvGradInput& op);

// The sizes [N, C, spatial...] of a transposed convolution's output, for an input [N, O, spatial...], which is the
// operation's grad_output, and a weight [O, C/groups, kernel...]. Of the sizes that a convolution maps to the input's,
// these are the smallest plus `extra`, PyTorch's output_padding. They may be below 1: then there is no output.
LINESHAFT_EXPORT Sizes conv_transposed_output_sizes(std::span<const int64_t> input, std::span<const int64_t> weight,
                                                    const ConvGeometry& geometry, const Spatial& extra);
// Where `extra` is a stride or more, convolving the output with the geometry gives more than the input's size. Takes as
// much off the padding at the end as makes it fit, and returns the input's sizes as the operation takes them: larger
// than they are where there is no padding left, which means that zeros follow the input.
LINESHAFT_EXPORT Sizes fit_conv_transposed(ConvGeometry& geometry, std::span<const int64_t> input,
                                           std::span<const int64_t> weight, std::span<const int64_t> output);

}  // namespace lineshaft
