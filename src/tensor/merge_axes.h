// Fewer axes for the same elements.
#pragma once

#include <cstdint>

#include "lineshaft/base/saturating.h"

namespace lineshaft {

// Drops axes of size 1 and merges each axis into the one before it where every operand steps evenly over both: where
// the outer stride is the inner one times the inner size. The row-major order of the elements stays. Axes are numbered
// from the outermost; `size(axis)` and `stride(operand, axis)` give references to their numbers, which are changed in
// place. Returns how many axes are left; what lies beyond them is unspecified.
template <class Size, class Stride>
int merge_axes(int rank, int operands, Size&& size, Stride&& stride) {
  int kept = 0;
  for (int axis = 0; axis < rank; ++axis) {
    int64_t count = size(axis);
    if (count == 1) continue;
    bool joins = kept > 0;
    for (int k = 0; joins && k < operands; ++k)
      joins = stride(k, kept - 1) == saturating_product(stride(k, axis), count);
    int to = joins ? kept - 1 : kept++;
    size(to) = joins ? saturating_product(size(to), count) : count;
    for (int k = 0; k < operands; ++k) stride(k, to) = stride(k, axis);
  }
  return kept;
}

}  // namespace lineshaft
