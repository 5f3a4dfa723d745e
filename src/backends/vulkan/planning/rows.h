// Tensors as rows for reductions, and the division of rows into parts.
#pragma once

#include <span>
#include <vector>

#include "backends/vulkan/planning/turns.h"
#include "lineshaft/tensor/tensor_view.h"

namespace lineshaft::vulkan {

// A tensor as [outer][leading][between][length][inner], which is reduced over `leading` and `length`. The result is
// [outer][between][inner].
struct Rows {
  TensorView values;  // dense
  int64_t outer = 1, length = 1, inner = 1;
  int64_t leading = 1, between = 1;
  int64_t kept() const { return outer * between * inner; }
  int64_t elements() const { return leading * length; }  // elements for one result
};

// A dense view reshaped to other sizes.
TensorView dense_as(const TensorView& view, std::span<const int64_t> sizes);

// The axes' sizes, multiplied in runs of neighbouring axes: kept, reduced, kept and so on, beginning with a kept run.
// Axes of size 1 belong to any run.
std::vector<int64_t> runs_of(const TensorView& view, uint8_t axes);
// The view with the kept axes first and then the reduced ones.
TensorView kept_first(const TensorView& view, uint8_t axes);

// The least number of parts of a row for which the loops do not exceed the limit of iterations.
int64_t least_segments(const Rows& rows, Turns limit);
// The number of parts of a row, such that about `wanted` invocations are used and each has enough work. It depends only
// on shape and device.
int64_t segments_of(const Rows& rows, int64_t wanted, Turns limit);

// Whether four neighbouring elements, along a row or along the kept axes after it, can be read as one.
bool takes_fours(const Rows& rows);
Rows in_fours(const Rows& rows);
// The rows that remain to be reduced after a first pass with `segments` parts.
Rows parts_of(const TensorView& values, const Rows& rows, int64_t segments, bool fours);

// The reduction of the last run (`length`) alone, with everything before it kept.
Rows last_run(const Rows& rows);
// The reduction that then remains, of `leading`.
Rows leading_run(const TensorView& values, const Rows& rows);

}  // namespace lineshaft::vulkan
