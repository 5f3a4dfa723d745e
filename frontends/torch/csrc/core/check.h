// Values that PyTorch's own devices check as they compute (frontend/check.h): what is wrong with them is raised at the
// next wait.
#pragma once

#include "csrc/core/pointwise.h"
#include <lineshaft/frontend/check.h>

namespace lineshaft::torch {

// Records that every element of `holds`, bool, must be true.
void require_all(const at::Tensor& holds, Requirement requirement);

// Records that formula(element), or formula(element, argument), must be true of every element.
template <auto formula>
void require_elements(const at::Tensor& tensor, Requirement requirement, double argument = 0) {
  if (tensor.numel() == 0) return;
  DType type = dtype_of(tensor.scalar_type());
  at::Tensor holds = empty(tensor.sizes(), at::kBool, tensor.device().index());
  lineshaft::Scalar args[] = {torch::argument(argument, type)};
  record_map(frontend::requirement_program<formula>(type), {&holds}, {&tensor}, args);
  require_all(holds, requirement);
}

}  // namespace lineshaft::torch
