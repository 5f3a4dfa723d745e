// Helpers for operators that reduce axes: which axes, the result's sizes, and the result as a view that the operation
// `reduce` takes, of the input's rank with size 1 on the reduced axes.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/base/inline_vector.h"
#include "lineshaft/ops/reduce.h"
#include "lineshaft/stream/stream.h"

namespace lineshaft::frontend {

class LINESHAFT_EXPORT Reduction {
 public:
  // `input` has at least one axis. Where bit i of `axes` is set, axis i is reduced. With `keep` a reduced axis stays in
  // the result with size 1, as PyTorch's keepdim does. Throws Error(kInvalidArgument) for bits of other axes.
  Reduction(const TensorView& input, uint8_t axes, bool keep);

  uint8_t axes() const { return axes_; }
  const TensorView& input() const { return input_; }
  std::span<const int64_t> sizes() const { return {sizes_.data(), sizes_.size()}; }  // of the result
  int64_t count() const { return count_; }  // number of input elements for one result

  // `result` as the operation's output. It has sizes() or, where there is only one result, no axes.
  TensorView output(const TensorView& result) const;
  // Completes `op` and records it: sets its axes and, where it has no inputs, its input. Inputs that the caller sets,
  // for a prologue, have the input's sizes. Records nothing where the output has no elements.
  void record(Stream& stream, Reduce& op) const;

 private:
  TensorView input_;
  uint8_t axes_;
  bool keep_;
  InlineVector<int64_t, kMaxRank> sizes_;
  int64_t count_ = 1;
};

}  // namespace lineshaft::frontend
