// Reductions of plain rows: what reduce and the normalizations are made of.
#pragma once

#include "backends/vulkan/context.h"

namespace lineshaft::vulkan {

// A tensor as [outer][leading][between][length][inner], reduced over `leading` and `length`. The kept axes' elements in
// order are [outer][between][inner].
struct Rows {
  TensorView values;  // dense
  int64_t outer = 1, length = 1, inner = 1;
  int64_t leading = 1, between = 1;
  int64_t kept() const { return outer * between * inner; }
  int64_t elements() const { return leading * length; }  // that one result is made of
};
// The view as rows of `type`, reduced over `axes` (bit k: axis k): itself where it lies so, else a copy in scratch.
// `adjacent`: with leading 1.
Rows rows_of(Context& context, const TensorView& view, uint8_t axes, DType type, bool adjacent = false);

enum class RowsKind : uint32_t { kSum, kProd, kMin, kMax };
struct Reduced {
  TensorView values;     // [kept] of the rows' type
  TensorView positions;  // [kept], i32, if asked for
};
// The rows' type is f32, f64, i32 or i64. With positions, rows must be adjacent. Rows of length 0 give 0, or 1 for
// products.
Reduced reduce_rows(Context& context, const Rows& rows, RowsKind kind, bool positions);

// The sums over `axes` of what a program makes of views of one shape, as [kept] of `type`: in slices, so that what it
// makes is never whole in memory.
TensorView sum_of_map(Context& context, ProgramRef program, std::span<const TensorView> inputs, uint8_t axes,
                      DType type, std::span<const int64_t> kept);

struct Moments {
  TensorView mean;     // [kept]
  TensorView squares;  // [kept]: sums of squared deviations
};
// Of rows of length 0 the mean is NaN.
Moments moments_of_rows(Context& context, const Rows& rows);

// A dense view's elements under other sizes.
TensorView dense_as(const TensorView& view, std::span<const int64_t> sizes);

}  // namespace lineshaft::vulkan
