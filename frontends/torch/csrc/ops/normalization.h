// What batch, layer, RMS and group normalization share.
#pragma once

#include "csrc/core/tensor.h"

namespace lineshaft::torch {

// The dtype of means and deviations.
inline c10::ScalarType statistics_type(const at::Tensor& input) {
  return input.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
}

// Throws unless a pair (weight and bias, or running mean and variance) has one dtype: the input's, or float for an
// input of half precision.
void require_parameters(const at::Tensor& input, const OptionalTensor& first, const OptionalTensor& second);

}  // namespace lineshaft::torch
