// The taps of resampling on a regular grid: which elements along one axis contribute to each output, and with what
// weight.
#pragma once

#include <cstdint>
#include <vector>

#include "lineshaft/ops/resample.h"

namespace lineshaft::cpu {

// Output x is the sum of weight[k] * input[index[k]] for k in starts[x]..starts[x + 1]. P is the type of positions and
// weights: f64 for f64 tensors, else f32.
template <class P>
struct AxisTaps {
  int64_t inputs = 0, outputs = 0;
  std::vector<int64_t> starts, index;
  std::vector<P> weight;
  int uniform = 0;  // the number of taps of each output where it is the same for all, else 0

  static AxisTaps make(const ResampleGeometry& geometry, double scale, int64_t inputs, int64_t outputs);
  // The taps that copy an axis, for example an absent spatial axis.
  static AxisTaps identity(int64_t size);
  // The taps of the gradient: inputs and outputs are exchanged, and the taps of each are in ascending order.
  AxisTaps transposed() const;
};

// The input element that output x reads in nearest-neighbour resampling.
template <class P>
int64_t nearest_index(ResampleKind kind, double scale, int64_t inputs, int64_t x);

}  // namespace lineshaft::cpu
