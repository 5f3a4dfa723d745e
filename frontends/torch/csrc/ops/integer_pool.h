// Average pooling of integers.
#pragma once

#include "csrc/core/tensor.h"

namespace lineshaft::torch {

// Fills `out` with the averages of windows over the last `spatial` axes of `self`, both i64: the windows' sums, which
// wrap, divided toward zero, as PyTorch's CPU gives them.
void average_integers(const at::Tensor& out, const at::Tensor& self, int spatial, const PoolGeometry& geometry);

}  // namespace lineshaft::torch
