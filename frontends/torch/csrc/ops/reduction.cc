#include "csrc/ops/reduction.h"

#include <ATen/WrapDimUtils.h>
#include <ATen/WrapDimUtilsMulti.h>

namespace lineshaft::torch {

Reduction::Reduction(const at::Tensor& self, at::OptionalIntArrayRef dims, bool keepdim)
    : self_(self), keepdim_(keepdim) {
  bool all = !dims.has_value() || dims->empty();
  if (self.dim() > kMaxRank) {
    TORCH_CHECK(all && !keepdim, "this lineshaft operator reduces tensors of at most ", kMaxRank, " axes; got ",
                self.dim(), ". Reshape first");
    self_ = self.reshape({-1});
  }
  if (self_.dim() == 0) self_ = self_.reshape({1});
  auto mask = at::dim_list_to_bitset(all ? at::IntArrayRef() : *dims, self.dim());
  for (int64_t i = 0; i < self_.dim(); ++i) {
    bool reduced = all || self.dim() == 0 || mask[i];
    if (reduced) {
      axes_ |= static_cast<uint8_t>(1u << i);
      count_ *= self_.size(i);
    }
    if (self.dim() > 0 && (!reduced || keepdim)) sizes_.push_back(reduced ? 1 : self_.size(i));
  }
  input_ = view_of(self_);
}

TensorView Reduction::output(const at::Tensor& result) const {
  TensorView own = view_of(result), view = own;
  view.rank = input_.rank;
  int from = 0;
  for (int i = 0; i < input_.rank; ++i) {
    bool reduced = axes_ >> i & 1;
    bool present = own.rank > 0 && (!reduced || keepdim_);
    view.sizes[i] = reduced ? 1 : input_.sizes[i];
    view.strides[i] = present ? own.strides[from] : 1;
    from += present;
  }
  return view;
}

void Reduction::record(Reduce& op) const {
  op.axes = axes_;
  if (op.inputs.empty()) op.inputs = List<TensorView>(&input_, 1);
  if (op.output.numel() > 0) stream_of(self_).record(op);
}

}  // namespace lineshaft::torch
