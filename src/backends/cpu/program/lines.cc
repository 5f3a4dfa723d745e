#include "backends/cpu/program/lines.h"

#include <algorithm>

namespace lineshaft::cpu {

Lines::Lines(int axis, std::initializer_list<const TensorView*> views) {
  const TensorView& first = **views.begin();
  std::vector<int64_t> sizes(first.shape().begin(), first.shape().end());
  length = sizes[axis];
  sizes[axis] = 1;
  OperandStrides operands;
  for (const TensorView* view : views) {
    operands.push_back(view->strides);
    strides.push_back(view->strides[axis]);
  }
  space = simplify(sizes, operands, views.size());
  constexpr int64_t kBlockElements = 128 << 10, kNarrow = 16;
  side_by_side = length > 1 && strides[0] != 1 && space.col_stride(0) == 1 && space.col_size() >= kNarrow;
  if (side_by_side) space.cols = std::clamp<int64_t>(kBlockElements / length & ~int64_t{15}, 2 * kNarrow, 512);
  space.cols = std::min(space.cols, space.col_size());
}

}  // namespace lineshaft::cpu
