#include "backends/vulkan/softmax_rows.h"

namespace lineshaft::vulkan {

TensorView axis_last(const TensorView& view, int axis) {
  TensorView moved = view;
  for (int i = axis; i + 1 < view.rank; ++i) {
    moved.sizes[i] = view.sizes[i + 1];
    moved.strides[i] = view.strides[i + 1];
  }
  if (view.rank) {
    moved.sizes[view.rank - 1] = view.sizes[axis];
    moved.strides[view.rank - 1] = view.strides[axis];
  }
  return moved;
}

uint32_t row_lanes(const Context& context) {
  return context.features().tuning().softmax_lanes;
}

void softmax_rows(Context& context, SoftmaxKind kind, const TensorView& input, const TensorView& output,
                  const TensorView& logsumexp, int64_t rows, int64_t length) {
  struct {
    uint32_t rows, length;
  } push{static_cast<uint32_t>(rows), static_cast<uint32_t>(length)};
  context.run_kernel({.kernel = variant("softmax", input.dtype),
                      .operands = {in(input), out(output), out(logsumexp ? logsumexp : output)},
                      .constants = {row_lanes(context), kind == SoftmaxKind::kLog, kind == SoftmaxKind::kAttention},
                      .groups = context.groups_for(rows, 1)},
                     push);
}

}  // namespace lineshaft::vulkan
