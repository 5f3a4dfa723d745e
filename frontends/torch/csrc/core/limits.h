// What a floating dtype holds.
#pragma once

#include <c10/core/ScalarType.h>

#include <limits>

namespace lineshaft::torch {

// The greatest finite number of a floating dtype.
inline double largest_number(c10::ScalarType type) {
  switch (type) {
    case c10::ScalarType::Double:
      return std::numeric_limits<double>::max();
    case c10::ScalarType::Half:
      return std::numeric_limits<c10::Half>::max();
    case c10::ScalarType::BFloat16:
      return std::numeric_limits<c10::BFloat16>::max();
    default:
      return std::numeric_limits<float>::max();
  }
}

}  // namespace lineshaft::torch
