#include "csrc/ops/reduction.h"

#include <ATen/WrapDimUtils.h>
#include <ATen/WrapDimUtilsMulti.h>

namespace lineshaft::torch {
namespace {

bool is_all(at::OptionalIntArrayRef dims) {
  return !dims.has_value() || dims->empty();
}

// With an axis at least, and no more than the engine's views have.
at::Tensor reducible(const at::Tensor& self, at::OptionalIntArrayRef dims, bool keepdim) {
  if (self.dim() > 0 && self.dim() <= kMaxRank) return self;
  TORCH_CHECK(self.dim() == 0 || (is_all(dims) && !keepdim), "this lineshaft operator reduces tensors of at most ",
              kMaxRank, " axes; got ", self.dim(), ". Reshape first");
  return self.reshape({-1});
}

frontend::Reduction reduction_of(const at::Tensor& given, const at::Tensor& self, at::OptionalIntArrayRef dims,
                                 bool keepdim) {
  auto mask = at::dim_list_to_bitset(is_all(dims) ? at::IntArrayRef() : *dims, given.dim());
  uint8_t axes = 0;
  for (int64_t i = 0; i < self.dim(); ++i)
    if (is_all(dims) || given.dim() == 0 || mask[i]) axes |= static_cast<uint8_t>(1u << i);
  return {view_of(self), axes, keepdim && given.dim() > 0};
}

}  // namespace

Reduction::Reduction(const at::Tensor& self, at::OptionalIntArrayRef dims, bool keepdim)
    : self_(reducible(self, dims, keepdim)), shape_(reduction_of(self, self_, dims, keepdim)) {}

}  // namespace lineshaft::torch
