// How many elements there are of what is made from numbers alone: ranges and triangles of matrices.
#pragma once

#include <cstdint>
#include <optional>

#include "lineshaft/base/export.h"

namespace lineshaft::frontend {

// How many of start, start + step, start + 2 step, ... lie before `end`, which is not among them. `step` is not 0 and
// may be below 0. Nothing where it leads away from `end`, or where 64 bits do not hold the number, or its computation.
// Of doubles the quotient is rounded before it is counted.
LINESHAFT_EXPORT std::optional<int64_t> range_length(int64_t start, int64_t end, int64_t step);
LINESHAFT_EXPORT std::optional<int64_t> range_length(double start, double end, double step);

// How many elements of a matrix lie on the diagonal or below it, and on it or above. Diagonals are numbered: 0 is the
// main one, those above it are 1, 2, ... At most INT64_MAX.
LINESHAFT_EXPORT int64_t lower_triangle_count(int64_t rows, int64_t columns, int64_t diagonal);
LINESHAFT_EXPORT int64_t upper_triangle_count(int64_t rows, int64_t columns, int64_t diagonal);

}  // namespace lineshaft::frontend
