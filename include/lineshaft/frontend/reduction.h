// What operators that reduce axes share: which axes, the result's sizes, and the result as the engine wants it, of the
// input's rank with size 1 on the reduced axes.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/base/inline_vector.h"
#include "lineshaft/ops/reduce.h"
#include "lineshaft/stream/stream.h"

namespace lineshaft::frontend {

class LINESHAFT_EXPORT Reduction {
 public:
  // `input` has one axis at least; bit i of `axes` says that its axis i is reduced. With `keep` a reduced axis stays in
  // the result, with size 1.
  Reduction(const TensorView& input, uint8_t axes, bool keep);

  uint8_t axes() const { return axes_; }
  const TensorView& input() const { return input_; }
  std::span<const int64_t> sizes() const { return {sizes_.data(), sizes_.size()}; }  // of the result
  int64_t count() const { return count_; }                                           // elements that go into one result

  // A tensor of sizes(), or one without axes that holds the only result, as the operation's output.
  TensorView output(const TensorView& result) const;
  // Sets the axes, and the input where there is none yet (those of a prologue are broadcast to the input's sizes), and
  // records; nothing where the output has no elements.
  void record(Stream& stream, Reduce& op) const;

 private:
  TensorView input_;
  uint8_t axes_;
  bool keep_;
  InlineVector<int64_t, kMaxRank> sizes_;
  int64_t count_ = 1;
};

}  // namespace lineshaft::frontend
