// What operators that reduce axes share: which axes, the result's sizes, and the result as the engine wants it, of the
// input's rank with size 1 on the reduced axes.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/util/OptionalArrayRef.h>

#include "csrc/core/map.h"

namespace lineshaft::torch {

class Reduction {
 public:
  // No dims, or an empty list, reduce all axes.
  Reduction(const at::Tensor& self, at::OptionalIntArrayRef dims, bool keepdim);

  uint8_t axes() const { return axes_; }
  const TensorView& input() const { return input_; }
  at::IntArrayRef sizes() const { return sizes_; }  // of the result tensor
  int64_t count() const { return count_; }          // elements that go into one result
  c10::DeviceIndex device() const { return self_.device().index(); }
  const at::Tensor& self() const { return self_; }

  at::Tensor empty_result(c10::ScalarType type) const { return empty(sizes_, type, device()); }
  TensorView output(const at::Tensor& result) const;
  // An input of a prologue, broadcast to the input's sizes.
  void record(Reduce& op) const;

 private:
  at::Tensor self_;
  bool keepdim_;
  uint8_t axes_ = 0;
  TensorView input_;
  c10::SmallVector<int64_t, 8> sizes_;
  int64_t count_ = 1;
};

}  // namespace lineshaft::torch
