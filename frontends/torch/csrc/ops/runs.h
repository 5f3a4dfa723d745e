// Runs of equal values, by their lengths.
#pragma once

#include <ATen/core/Tensor.h>

namespace lineshaft::torch {

// For lengths l (i64 or i32, one axis), the number of the run at each of the first `total` positions: sum(l) of them
// where it is not less. i64.
at::Tensor run_numbers(const at::Tensor& lengths, int64_t total);

}  // namespace lineshaft::torch
