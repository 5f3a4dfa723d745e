// The lines of several views along one axis, for operations that work line by line.
#pragma once

#include <initializer_list>
#include <vector>

#include "backends/cpu/program/iteration.h"

namespace lineshaft::cpu {

struct Lines {
  Iteration space;               // of the other axes; tiles are 1 by 1 line, or 1 by `columns` lines side by side
  int64_t length = 1;            // of a line
  std::vector<int64_t> strides;  // along the lines, by operand
  bool side_by_side = false;

  // Lines are processed side by side where the first view is contiguous across lines and not along them; `columns` is
  // then such that a block of f32 lines fits in the L2 cache.
  Lines(int axis, std::initializer_list<const TensorView*> views);
};

}  // namespace lineshaft::cpu
