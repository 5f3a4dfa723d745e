// What a floating dtype holds.
#pragma once

#include "csrc/core/dtype.h"

namespace lineshaft::torch {

// The greatest finite number of a floating dtype.
inline double largest_number(c10::ScalarType type) {
  return lineshaft::largest_number(dtype_of(type));
}

}  // namespace lineshaft::torch
