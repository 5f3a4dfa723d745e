#include "lineshaft/frontend/ranges.h"

#include <algorithm>
#include <cmath>

#include "base/compiler.h"
#include "ops/operands.h"

namespace lineshaft::frontend {
namespace {

Int128 lower_triangle(int64_t rows, int64_t columns, Int128 diagonal) {
  if (rows == 0 || columns == 0) return 0;
  Int128 empty = std::clamp<Int128>(-diagonal, 0, rows);                               // rows without an element
  Int128 full = std::clamp<Int128>(rows - (columns - diagonal - 1), 0, rows - empty);  // rows with all
  Int128 growing = rows - empty - full, first = empty + 1 + diagonal;
  return growing * (2 * first + growing - 1) / 2 + full * columns;
}

}  // namespace

std::optional<int64_t> range_length(int64_t start, int64_t end, int64_t step) {
  int64_t span = 0, rounded = 0;
  if (subtract_overflows(end, start, span)) return std::nullopt;
  if (span != 0 && (span > 0) != (step > 0)) return std::nullopt;
  if (add_overflows(span, step - (step > 0 ? 1 : -1), rounded)) return std::nullopt;
  return rounded / step;
}

std::optional<int64_t> range_length(double start, double end, double step) {
  double length = std::ceil((end - start) / step);
  if (!(length >= 0 && length < 0x1p63)) return std::nullopt;
  return static_cast<int64_t>(length);
}

int64_t lower_triangle_count(int64_t rows, int64_t columns, int64_t diagonal) {
  return saturated(lower_triangle(rows, columns, diagonal));
}

int64_t upper_triangle_count(int64_t rows, int64_t columns, int64_t diagonal) {
  Int128 below = lower_triangle(rows, columns, static_cast<Int128>(diagonal) - 1);
  return saturated(static_cast<Int128>(rows) * columns - below);
}

}  // namespace lineshaft::frontend
