// Operators that reduce axes (frontend/reduction.h), as PyTorch names these.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/util/OptionalArrayRef.h>

#include "csrc/core/map.h"
#include <lineshaft/frontend/reduction.h>

namespace lineshaft::torch {

class Reduction {
 public:
  // No dims, or an empty list, reduce all axes.
  Reduction(const at::Tensor& self, at::OptionalIntArrayRef dims, bool keepdim);

  uint8_t axes() const { return shape_.axes(); }
  const TensorView& input() const { return shape_.input(); }
  at::IntArrayRef sizes() const { return {shape_.sizes().data(), shape_.sizes().size()}; }  // of the result tensor
  int64_t count() const { return shape_.count(); }  // elements that go into one result
  c10::DeviceIndex device() const { return self_.device().index(); }
  const at::Tensor& self() const { return self_; }

  at::Tensor empty_result(c10::ScalarType type) const { return empty(sizes(), type, device()); }
  TensorView output(const at::Tensor& result) const { return shape_.output(view_of(result)); }
  // An input of a prologue is broadcast to the input's sizes.
  void record(Reduce& op) const { shape_.record(stream_of(self_), op); }

 private:
  at::Tensor self_;
  frontend::Reduction shape_;
};

}  // namespace lineshaft::torch
