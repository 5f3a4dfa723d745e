// conv_grad_input: the gradient of conv with respect to its input. As a forward operation it is a transposed
// convolution.
//
//   grad_input[n, c, y] = sum of grad_output[n, o, x] * weight[o, c, t]
//                         over o, x, t with y = x*stride + t*dilation - padding
//
// `output` is grad_input. Its spatial sizes may be any for which conv gives the sizes of grad_output.
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
// operation's grad_output, and a weight [O, C/groups, kernel...]. They are the smallest sizes for which the convolution
// gives the input's sizes, plus `extra`, which is PyTorch's output_padding. A size may be below 1: then there is no
// output. Throws as require_conv_ranks does.
LINESHAFT_EXPORT Sizes conv_transposed_output_sizes(std::span<const int64_t> input, std::span<const int64_t> weight,
                                                    const ConvGeometry& geometry, const Spatial& extra);
// Makes `geometry` fit an `output` that conv_transposed_output_sizes gave. Where `extra` is a stride or more, a
// convolution of the output gives more elements than the input has. Then this function makes padding_end smaller until
// the sizes fit, and returns the sizes that grad_output must have. Where they are larger than the input's because no
// padding is left, the caller appends zeros to the input. Throws Error(kInvalidArgument) where the input gives no such
// output.
LINESHAFT_EXPORT Sizes fit_conv_transposed(ConvGeometry& geometry, std::span<const int64_t> input,
                                           std::span<const int64_t> weight, std::span<const int64_t> output);

}  // namespace lineshaft
