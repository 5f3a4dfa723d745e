// Convolutions of integers.
#pragma once

#include "csrc/core/tensor.h"

namespace lineshaft::torch {

// Any integer dtype; sums wrap. The input's windows are copied side by side and multiplied with the weights, as
// PyTorch's CPU does. The result has row-major strides. Sizes and groups are checked before.
at::Tensor convolve_integers(const at::Tensor& input, const at::Tensor& weight, const ConvGeometry& geometry);
// `output_sizes` are those of the whole result.
at::Tensor convolve_integers_transposed(const at::Tensor& input, const at::Tensor& weight, const ConvGeometry& geometry,
                                        c10::IntArrayRef output_sizes);

}  // namespace lineshaft::torch
