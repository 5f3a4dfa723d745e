// Reductions of plain rows: what reduce and the normalizations are made of.
#pragma once

#include "backends/vulkan/device/context.h"
#include "backends/vulkan/planning/rows.h"

namespace lineshaft::vulkan {

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

}  // namespace lineshaft::vulkan
