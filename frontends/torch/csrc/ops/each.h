// One program over many of PyTorch's tensors at once: what foreach operators and fused optimizers record.
#pragma once

#include <ATen/core/Tensor.h>

#include "csrc/core/map.h"
#include <lineshaft/frontend/each.h>

namespace lineshaft::torch {

// frontend::Each of PyTorch's tensors and numbers.
class Each : public frontend::Each {
 public:
  using frontend::Each::arg;
  using frontend::Each::Each;
  using frontend::Each::input;

  void begin(std::initializer_list<const at::Tensor*> tensors);
  void input(const at::Tensor& tensor) { input(ref_of(tensor)); }
  void output(const at::Tensor& tensor) { frontend::Each::output(ref_of(tensor)); }
  void arg(const c10::Scalar& value, DType type) { arg(argument(value, type)); }
};

// True when the lists are as long as each other and every group has one shape, one dtype, one device of ours and dense
// memory of one layout: what one program can do. Other lists go tensor by tensor.
bool is_uniform(std::initializer_list<at::TensorList> lists);
void require_same_length(at::TensorList a, at::TensorList b);

}  // namespace lineshaft::torch
