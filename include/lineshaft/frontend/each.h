// One program over many tensors at once: what optimizers' steps over whole models are, and operators on lists.
#pragma once

#include <vector>

#include "lineshaft/base/export.h"
#include "lineshaft/frontend/tensor_ref.h"
#include "lineshaft/stream/stream.h"

namespace lineshaft::frontend {

// Collects the operands of groups and records one command for all, a map_each (ops/map_each.h). A group gives each
// input of the program a tensor, in their order, and each output. The tensors of a group have one shape; an input may
// also have one element and no axes, which is taken for every element.
class LINESHAFT_EXPORT Each {
 public:
  // Makes room for `groups` groups. More may come. The program has one output at least.
  explicit Each(ProgramRef program, size_t groups = 0);

  // Called before each group, where tensors need not be dense or lie alike in memory. `tensors`, one at least, are
  // those of the group that have its shape; only their sizes and strides are read. Where it is never called, tensors
  // with axes are dense, and those of a group have the same strides. Throws Error(kInvalidArgument) where sizes differ,
  // and for tensors of more than kMaxRank axes that do not lie alike.
  void begin(List<TensorRef> tensors);
  void input(const TensorRef& tensor) { inputs_.push_back(view(tensor)); }
  void input(const TensorView& view) { inputs_.push_back(view); }
  void output(const TensorRef& tensor) { outputs_.push_back(view(tensor)); }
  // The program's arguments: once, for all groups, or once for each group.
  void arg(Scalar value) { args_.push_back(value); }
  void arg(double value) { arg(Scalar::of(value)); }

  // Groups that share memory, such as a parameter that is listed twice, run one after the other, in their order.
  // Nothing is recorded where there are no groups. Throws where a group lacks something.
  void record(Stream& stream);

 private:
  size_t groups() const { return outputs_.size() / program_->outputs.size(); }
  void require_whole_groups() const;
  bool groups_share_memory() const;
  TensorView view(const TensorRef& tensor) const;

  ProgramRef program_;
  bool flat_ = true;  // the group's tensors are the same elements in the same order
  std::vector<TensorView> inputs_, outputs_;
  std::vector<Scalar> args_;
};

}  // namespace lineshaft::frontend
