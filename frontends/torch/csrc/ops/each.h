// One program over many tensors at once: what foreach operators and fused optimizers record.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "csrc/core/map.h"

namespace lineshaft::torch {

// Collects groups for one map_each. Tensors of a group have one shape, or one element and no axes.
class Each {
 public:
  explicit Each(ProgramRef program, size_t groups = 0) : program_(program) {
    inputs_.reserve(groups * program->inputs.size());
    outputs_.reserve(groups * program->outputs.size());
  }

  // Before the tensors of a group that need not be dense or lie alike: `tensors` are those with its shape.
  void begin(std::initializer_list<const at::Tensor*> tensors);
  void output(const at::Tensor& tensor) { outputs_.push_back(view(tensor)); }
  void input(const at::Tensor& tensor) { inputs_.push_back(view(tensor)); }
  void input(const TensorView& view) { inputs_.push_back(view); }
  void arg(double value) { args_.push_back(lineshaft::Scalar::of(value)); }
  void arg(const c10::Scalar& value, DType type) { args_.push_back(argument(value, type)); }
  // Arguments are shared by all groups, or given once for each. Groups that share memory, such as a parameter that is
  // listed twice, run one after the other.
  void record(Stream& stream);

 private:
  size_t groups() const { return outputs_.size() / program_->outputs.size(); }
  bool groups_share_memory() const;
  TensorView view(const at::Tensor& tensor) const;
  ProgramRef program_;
  bool flat_ = true;
  std::vector<TensorView> inputs_, outputs_;
  std::vector<lineshaft::Scalar> args_;
};

// True when the lists are as long as each other and every group has one shape, one dtype, one device of ours and dense
// memory of one layout: what one program can do. Other lists go tensor by tensor.
bool is_uniform(std::initializer_list<at::TensorList> lists);
void require_same_length(at::TensorList a, at::TensorList b);

}  // namespace lineshaft::torch
