// Runs one program over many tensors in one command, for steps of optimizers over whole models and for operators on
// lists of tensors (torch._foreach).
#pragma once

#include <vector>

#include "lineshaft/base/export.h"
#include "lineshaft/frontend/tensor_ref.h"
#include "lineshaft/stream/stream.h"

namespace lineshaft::frontend {

// Collects the operands of groups and records one command for all of them, a map_each (ops/map_each.h). A group has one
// tensor for each input and each output of the program, in their order. The tensors of a group have one shape; an input
// may also have no axes, and then broadcasts. One thread at a time uses an Each.
class LINESHAFT_EXPORT Each {
 public:
  // Reserves room for `groups` groups; more may be added. Throws Error(kInvalidArgument) for a program without outputs.
  explicit Each(ProgramRef program, size_t groups = 0);

  // Must be called before each group, unless all tensors with axes are dense and the tensors of each group have the
  // same strides. `tensors`, at least one, are the tensors of the group that have its shape; only their sizes and
  // strides are read. Throws Error(kInvalidArgument) where their sizes differ, and for tensors of more than kMaxRank
  // axes that are not dense or have different strides.
  void begin(List<TensorRef> tensors);
  void input(const TensorRef& tensor) { inputs_.push_back(view(tensor)); }
  void input(const TensorView& view) { inputs_.push_back(view); }
  void output(const TensorRef& tensor) { outputs_.push_back(view(tensor)); }
  // Adds the next argument of the program. Arguments are given once, for all groups, or once for each group.
  void arg(Scalar value) { args_.push_back(value); }
  void arg(double value) { arg(Scalar::of(value)); }

  // Records the command. Where groups share memory, for example because a parameter is listed twice, each group is
  // recorded as a command of its own, in order. Records nothing where there are no groups. Throws
  // Error(kInvalidArgument) where an operand or argument is missing.
  void record(Stream& stream);

 private:
  size_t groups() const { return outputs_.size() / program_->outputs.size(); }
  void require_whole_groups() const;
  bool groups_share_memory() const;
  TensorView view(const TensorRef& tensor) const;

  ProgramRef program_;
  bool flat_ = true;  // the group's tensors are dense and have the same strides
  std::vector<TensorView> inputs_, outputs_;
  std::vector<Scalar> args_;
};

}  // namespace lineshaft::frontend
