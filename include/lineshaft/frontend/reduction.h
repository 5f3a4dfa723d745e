// What operators that reduce axes share: which axes, the result's sizes, and the result as the engine wants it, of the
// input's rank with size 1 on the reduced axes; and the reductions that frameworks have: sums, means, variances, norms.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/base/inline_vector.h"
#include "lineshaft/ops/reduce.h"
#include "lineshaft/stream/stream.h"

namespace lineshaft::frontend {

class LINESHAFT_EXPORT Reduction {
 public:
  // Bit i of `axes` says that the input's axis i is reduced. With `keep` a reduced axis stays in the result, with
  // size 1. Throws Error(kInvalidArgument) for a bit beyond the input's rank.
  Reduction(const TensorView& input, uint8_t axes, bool keep);
  // Over all axes of `input`, to one number in a result without axes.
  explicit Reduction(const TensorView& input);

  uint8_t axes() const { return axes_; }
  const TensorView& input() const { return input_; }
  std::span<const int64_t> sizes() const { return {sizes_.data(), sizes_.size()}; }  // of the result
  int64_t count() const { return count_; }  // number of input elements for one result

  // A tensor of sizes(), or one without axes that holds the only result, as the operation's output. An absent tensor
  // stays absent.
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

// Each records one operation. `result` is what Reduction::output takes: a tensor of reduction.sizes(), or one without
// axes that holds the only result. Nothing is recorded where it has no elements.

// A sum, product, minimum or maximum of the input's values, converted to the result's dtype first, with NaN as 0 if
// asked. In bool a sum is whether any value holds, and a product whether all do.
LINESHAFT_EXPORT void record_values(Stream& stream, const Reduction& reduction, ReduceKind kind,
                                    const TensorView& result, bool nan_to_zero = false);
// The mean of values that are converted to the result's dtype, a float, first. Of no values it is NaN.
LINESHAFT_EXPORT void record_mean(Stream& stream, const Reduction& reduction, const TensorView& result);
// How many values are not 0, as NaN is. `result` is i64.
LINESHAFT_EXPORT void record_count_nonzero(Stream& stream, const Reduction& reduction, const TensorView& result);
// The mean of floats, and the sum of squared distances from it over (count - correction). Of no values both are NaN,
// whatever the correction is. `mean` and `variance` are floats.
LINESHAFT_EXPORT void record_variance(Stream& stream, const Reduction& reduction, double correction,
                                      const TensorView& mean, const TensorView& variance);
// The norm of order `order` of floats (formulas/reductions.h), as the float of `result`. Of one element every norm but
// that of order 0 is its magnitude, which a high power would lose. No elements have no largest and no smallest
// magnitude: the caller refuses orders of infinity of them.
LINESHAFT_EXPORT void record_norm(Stream& stream, const Reduction& reduction, double order, const TensorView& result);

}  // namespace lineshaft::frontend
