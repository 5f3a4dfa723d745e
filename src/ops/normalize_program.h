// The program that applies a normalization, which every backend runs.
//
// It is all that they share. Statistics and gradients are each backend's own, and are not the same bit for bit:
// - the order of a sum is a backend's own;
// - for a mean of squares (kRms) and for the means in the gradient, the CPU multiplies a sum by 1 / n, which is
// rounded,
//   and Vulkan divides it by n;
// - where a weight is one number in a group (batch norm), the CPU sums gradients without it and multiplies by
//   rstd * weight at the end, so that the same sums are the parameters' gradients; Vulkan sums grad_output * weight.
// What evaluation makes of running statistics (frontend/formulas/normalization.h) is rsqrt(variance + eps), too, but of
// a variance that a framework keeps in a dtype of its own.
#pragma once

#include <vector>

#include "lineshaft/ops/normalize.h"

namespace lineshaft {

// (input - mean) * rstd * weight + bias, computed in `type` and stored as `result`, without the operation's epilogue.
ProgramRef normalize_program(const Normalize& op, DType type, DType result);
// Its inputs: input, mean, rstd, weight and bias, those that are present, all of the input's sizes.
std::vector<TensorView> normalize_inputs(const Normalize& op);

}  // namespace lineshaft
