// Reductions of rows, for reduce and the normalizations.
#pragma once

#include "backends/vulkan/device/context.h"
#include "backends/vulkan/planning/rows.h"

namespace lineshaft::vulkan {

// The view as rows of `type`, to be reduced over `axes` (bit k: axis k): the view itself where its layout allows that,
// else a copy in scratch. With `adjacent`, Rows::leading is 1.
Rows rows_of(Context& context, const TensorView& view, uint8_t axes, DType type, bool adjacent = false);

enum class RowsKind : uint32_t { kSum, kProd, kMin, kMax };
struct Reduced {
  TensorView values;     // [kept] of the rows' type
  TensorView positions;  // [kept], i32, if asked for
};
// The rows have type f32, f64, i32 or i64. With `positions`, rows must be adjacent. Rows of length 0 give 0, or 1 for
// kProd.
Reduced reduce_rows(Context& context, const Rows& rows, RowsKind kind, bool positions);

// The sums over `axes` of the results of a program over views of one shape, as [kept] of `type`. It works in slices, so
// that only a part of the program's results is in memory at a time.
TensorView sum_of_map(Context& context, ProgramRef program, std::span<const TensorView> inputs, uint8_t axes,
                      DType type, std::span<const int64_t> kept);

struct Moments {
  TensorView mean;     // [kept]
  TensorView squares;  // [kept]: sums of squared deviations
};
// The mean of a row of length 0 is NaN.
Moments moments_of_rows(Context& context, const Rows& rows);

}  // namespace lineshaft::vulkan
