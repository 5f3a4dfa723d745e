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

  // Lines stand side by side where the first view is contiguous across them rather than along them; then `columns` is
  // chosen so that a block of f32 lines fits in L2.
  Lines(int axis, std::initializer_list<const TensorView*> views);
};

}  // namespace lineshaft::cpu
