#include "backends/cpu/nest.h"

namespace lineshaft::cpu {
namespace {

bool merges(const Nest& nest, std::span<const TensorView> views, int axis) {
  int last = nest.rank - 1;
  for (int i = 0; i < nest.operands; ++i)
    if (nest.strides[i][last] != views[i].strides[axis] * views[i].sizes[axis]) return false;
  return true;
}

}  // namespace

Nest make_nest(std::span<const TensorView> views) {
  Nest nest;
  nest.operands = static_cast<int>(views.size());
  for (int axis = 0; axis < views[0].rank; ++axis) {
    int64_t size = views[0].sizes[axis];
    if (size == 1) continue;
    bool merge = nest.rank > 0 && merges(nest, views, axis);
    int at = merge ? nest.rank - 1 : nest.rank++;
    nest.sizes[at] = merge ? nest.sizes[at] * size : size;
    for (int i = 0; i < nest.operands; ++i) nest.strides[i][at] = views[i].strides[axis];
  }
  return nest;
}

Nest slice(const Nest& nest, int axis, int64_t begin, int64_t end) {
  Nest part = nest;
  part.sizes[axis] = end - begin;
  for (int i = 0; i < nest.operands; ++i) part.start[i] += begin * nest.strides[i][axis];
  return part;
}

}  // namespace lineshaft::cpu
