#include "backends/cpu/nest.h"

#include "tensor/merge_axes.h"

namespace lineshaft::cpu {

Nest make_nest(std::span<const TensorView> views) {
  Nest nest;
  nest.operands = static_cast<int>(views.size());
  int rank = views[0].rank;
  for (int axis = 0; axis < rank; ++axis) {
    nest.sizes[axis] = views[0].sizes[axis];
    for (int i = 0; i < nest.operands; ++i) nest.strides[i][axis] = views[i].strides[axis];
  }
  nest.rank = merge_axes(
      rank, nest.operands, [&](int axis) -> int64_t& { return nest.sizes[axis]; },
      [&](int operand, int axis) -> int64_t& { return nest.strides[operand][axis]; });
  return nest;
}

Nest slice(const Nest& nest, int axis, int64_t begin, int64_t end) {
  Nest part = nest;
  part.sizes[axis] = end - begin;
  for (int i = 0; i < nest.operands; ++i) part.start[i] += begin * nest.strides[i][axis];
  return part;
}

}  // namespace lineshaft::cpu
