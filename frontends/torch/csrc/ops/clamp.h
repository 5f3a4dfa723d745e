// The bounds of clamp and hardtanh.
#pragma once

#include <ATen/core/Tensor.h>

namespace lineshaft::torch {

enum class Side : uint8_t { kLow, kHigh };

// The bound as it holds for `self`. From PyTorch 2.15 on an integer bound outside an integer tensor's range bounds
// nothing, or is refused where no element could keep it; before, it wrapped around or was refused.
at::Scalar bound_for(const at::Tensor& self, const at::Scalar& bound, Side side);

}  // namespace lineshaft::torch
