// The number of elements of ranges and of triangles of matrices.
#pragma once

#include <cstdint>
#include <optional>

#include "lineshaft/base/export.h"

namespace lineshaft::frontend {

// How many of start, start + step, start + 2 step, ... lie before `end`, which is excluded. `step` is not 0 and may be
// negative. Nothing where `step` leads away from `end`, or where the number or an intermediate value does not fit in 64
// bits. For doubles the result is ceil((end - start) / step), computed in f64.
LINESHAFT_EXPORT std::optional<int64_t> range_length(int64_t start, int64_t end, int64_t step);
LINESHAFT_EXPORT std::optional<int64_t> range_length(double start, double end, double step);

// How many elements of a matrix lie on the diagonal or below it, and on the diagonal or above it. Diagonal 0 is the
// main one; 1, 2, ... are those above it. A number above INT64_MAX is given as INT64_MAX.
LINESHAFT_EXPORT int64_t lower_triangle_count(int64_t rows, int64_t columns, int64_t diagonal);
LINESHAFT_EXPORT int64_t upper_triangle_count(int64_t rows, int64_t columns, int64_t diagonal);

}  // namespace lineshaft::frontend
