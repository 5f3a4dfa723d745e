// Result dtypes and shapes of elementwise operators, as PyTorch's type promotion gives them.
#pragma once

#include <ATen/core/Tensor.h>

namespace lineshaft::torch {

// Of tensors (0-dimensional and wrapped ones weigh less), or of a tensor and a number.
c10::ScalarType promoted(const at::Tensor& a, const at::Tensor& b);
c10::ScalarType promoted(const at::Tensor& a, const at::Scalar& b);
// The default dtype for integers, the type itself for floats.
c10::ScalarType float_type(c10::ScalarType type);

// The shape that both broadcast to; throws as PyTorch does.
c10::SmallVector<int64_t, 8> broadcast_sizes(c10::IntArrayRef a, c10::IntArrayRef b);

}  // namespace lineshaft::torch
