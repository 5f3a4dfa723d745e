#include "lineshaft/frontend/reduction.h"

namespace lineshaft::frontend {

Reduction::Reduction(const TensorView& input, uint8_t axes, bool keep) : input_(input), axes_(axes), keep_(keep) {
  LS_REQUIRE(axes >> input.rank == 0, "axes are the bits ", int{axes}, "; an input of rank ", int{input.rank},
             " takes 0 to ", (1 << input.rank) - 1);
  for (int i = 0; i < input.rank; ++i) {
    bool reduced = axes >> i & 1;
    if (reduced) count_ = saturating_product(count_, input.sizes[i]);
    if (!reduced || keep) sizes_.push_back(reduced ? 1 : input.sizes[i]);
  }
}

TensorView Reduction::output(const TensorView& result) const {
  TensorView view = result;
  view.rank = input_.rank;
  int from = 0;
  for (int i = 0; i < input_.rank; ++i) {
    bool reduced = axes_ >> i & 1;
    bool present = result.rank > 0 && (!reduced || keep_);
    view.sizes[i] = reduced ? 1 : input_.sizes[i];
    view.strides[i] = present ? result.strides[from] : 1;
    from += present;
  }
  return view;
}

void Reduction::record(Stream& stream, Reduce& op) const {
  op.axes = axes_;
  if (op.inputs.empty()) op.inputs = {&input_, 1};
  if (op.output.numel() > 0) stream.record(op);
}

}  // namespace lineshaft::frontend
