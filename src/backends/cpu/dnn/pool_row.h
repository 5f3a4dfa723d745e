// One row of pooling: neighbouring outputs (lanes) that are computed together, with one vectorized pass for each
// element of the window.
//
// Shared: all lanes have the same window (channels-last: the lanes are channels). Sliding: lane x has the window that
// starts at x*stride - padding along the last spatial axis (channels-first).
#pragma once

#include <cstdint>

#include "lineshaft/tensor/dtype.h"

namespace lineshaft::cpu {

// The input positions of a window along one axis, inside the input.
struct PoolSpan {
  int64_t first = 0, count = 1, step = 1;
};

// Along the last axis of a sliding row: window element t is inside the input for lanes begin <= x < end, and is at
// x*stride + offset.
struct PoolTap {
  int64_t begin, end, offset;
};

struct PoolRow {
  DType dtype;
  int64_t lanes;
  int64_t in_lane;        // input elements between lanes (sliding: the pooling stride's)
  int64_t in_strides[3];  // elements, by spatial axis
  int64_t sizes[3];       // of the input
  PoolSpan spans[3];      // sliding: the first two
  const PoolTap* taps;    // sliding: `tap_count` along the last axis; null: shared
  int64_t tap_count;
  int64_t index_lane;  // sliding: the pooling stride

  const void* in;  // lane 0 at spatial (0, 0, 0)
  void* out;
  int64_t out_lane;
  int64_t* indices;  // null: not computed
  int64_t indices_lane;
  double divisor;         // for averages: the divisor of every lane or, with `divisors`, a factor of it
  const float* divisors;  // sliding: one for each lane; null: 1
};

// A row of the gradient. `row.in` and `row.out_lane` are grad_output's (of `row.dtype`); `row.in_lane` and
// `row.in_strides` those of `sums`, in the compute type, lane 0 at spatial (0, 0, 0).
struct PoolGradRow {
  PoolRow row;
  void* sums;
  int64_t* bad_index;  // for the max kinds: receives an index that is out of range
};

}  // namespace lineshaft::cpu
