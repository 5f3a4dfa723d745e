// Loop nests over several operands of one shape, in row-major order.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>

#include "lineshaft/tensor/tensor_view.h"

namespace lineshaft::cpu {

// The view of the first elements of all rows along `axis`. A view without axes is one row.
inline TensorView rows_along(TensorView view, int axis) {
  view.sizes[axis] = 1;
  return view;
}

struct Nest {
  static constexpr int kMaxOperands = kMaxRank + 2;

  int rank = 0;
  int operands = 0;
  std::array<int64_t, kMaxRank> sizes{};
  std::array<std::array<int64_t, kMaxRank>, kMaxOperands> strides{};  // [operand][axis], elements
  std::array<int64_t, kMaxOperands> start{};                          // of the first element, elements

  int64_t count(int first_axis, int last_axis) const {
    int64_t product = 1;
    for (int i = first_axis; i < last_axis; ++i) product *= sizes[i];
    return product;
  }
  int64_t numel() const { return count(0, rank); }
};

// Removes axes of size 1, and merges neighbouring axes that are contiguous with each other in every operand. The
// row-major order is kept.
Nest make_nest(std::span<const TensorView> views);
inline Nest make_nest(std::initializer_list<TensorView> views) {
  return make_nest(std::span<const TensorView>(views.begin(), views.size()));
}

// The part of the nest with coordinates begin..end of one axis.
Nest slice(const Nest& nest, int axis, int64_t begin, int64_t end);

// Calls f(offsets, run) for runs of consecutive positions along axis `outer - 1`, in row-major order, over the
// positions begin..end of the first `outer` axes. `offsets` holds each operand's offset at the run's first position (0
// on the other axes). With no axes there is one run of 1.
template <class F>
void walk(const Nest& nest, int outer, int64_t begin, int64_t end, int64_t longest, F&& f) {
  std::array<int64_t, Nest::kMaxOperands> offsets = nest.start;
  if (begin >= end) return;
  if (outer == 0) return f(offsets.data(), int64_t{1});
  std::array<int64_t, kMaxRank> at{};
  for (int64_t axis = outer - 1, rest = begin; axis >= 0; --axis) {
    at[axis] = rest % nest.sizes[axis];
    rest /= nest.sizes[axis];
    for (int i = 0; i < nest.operands; ++i) offsets[i] += at[axis] * nest.strides[i][axis];
  }
  while (begin < end) {
    int last = outer - 1;
    int64_t run = std::min({nest.sizes[last] - at[last], end - begin, longest});
    f(static_cast<const int64_t*>(offsets.data()), run);
    begin += run;
    at[last] += run;
    for (int i = 0; i < nest.operands; ++i) offsets[i] += run * nest.strides[i][last];
    for (int axis = last; axis > 0 && at[axis] == nest.sizes[axis]; --axis) {
      for (int i = 0; i < nest.operands; ++i)
        offsets[i] += nest.strides[i][axis - 1] - nest.sizes[axis] * nest.strides[i][axis];
      at[axis] = 0;
      ++at[axis - 1];
    }
  }
}

}  // namespace lineshaft::cpu
