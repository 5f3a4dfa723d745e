// Arithmetic on sizes, strides and offsets as callers give them: what passes 64 bits stays at the nearest limit, so
// that the check which follows refuses it.
#pragma once

#include <cstdint>

namespace lineshaft {

constexpr int64_t saturating_product(int64_t a, int64_t b) {
  int64_t result = 0;
  if (!__builtin_mul_overflow(a, b, &result)) [[likely]]
    return result;
  return (a < 0) == (b < 0) ? INT64_MAX : INT64_MIN;
}

constexpr int64_t saturating_sum(int64_t a, int64_t b) {
  int64_t result = 0;
  if (!__builtin_add_overflow(a, b, &result)) [[likely]]
    return result;
  return a < 0 ? INT64_MIN : INT64_MAX;
}

constexpr int64_t saturating_difference(int64_t a, int64_t b) {
  int64_t result = 0;
  if (!__builtin_sub_overflow(a, b, &result)) [[likely]]
    return result;
  return a < 0 ? INT64_MIN : INT64_MAX;
}

}  // namespace lineshaft
