// Convolutions, transposed ones, and their gradients. A transposed convolution is the gradient of a convolution by its
// input, used forward.
//
// Views are [N, channels, spatial...] and of one floating dtype, but for the bias, which may have another one. Weights
// are as the operation `conv` takes them (ops/conv.h): [O, C/groups, kernel...], where a convolution has C channels in
// its input and O in its output, and a transposed convolution O in its input and C in its output. The operations
// check sizes.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/ops/conv.h"
#include "lineshaft/stream/stream.h"

namespace lineshaft::frontend {

// Records output = convolution of input + bias. The bias has one axis, with one number for each channel of the output;
// it may be absent.
LINESHAFT_EXPORT void record_convolution(Stream& stream, const TensorView& input, const TensorView& weight,
                                         const TensorView& output, const ConvGeometry& geometry, bool transposed,
                                         const TensorView& bias = {});

// Record the gradients of such a convolution by its input and by its weight. `transposed` says what the convolution is.
LINESHAFT_EXPORT void record_convolution_grad_input(Stream& stream, const TensorView& grad_output,
                                                    const TensorView& weight, const TensorView& grad_input,
                                                    const ConvGeometry& geometry, bool transposed);
LINESHAFT_EXPORT void record_convolution_grad_weight(Stream& stream, const TensorView& input,
                                                     const TensorView& grad_output, const TensorView& grad_weight,
                                                     const ConvGeometry& geometry, bool transposed);

// Records the sum over all axes but `axis`, which is the gradient by a bias. `sum` has one axis, of the size of
// that axis, and the dtype of `tensor`.
LINESHAFT_EXPORT void record_channel_sum(Stream& stream, const TensorView& tensor, const TensorView& sum, int axis = 1);

}  // namespace lineshaft::frontend
