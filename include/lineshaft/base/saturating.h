// Arithmetic on sizes, strides and offsets as callers give them: what passes 64 bits is told, or stays at the nearest
// limit, so that the check which follows refuses it.
#pragma once

#include <cstdint>

namespace lineshaft {

// The same for compilers that have no function for it.
namespace portable {

constexpr bool add_overflows(int64_t a, int64_t b, int64_t& result) {
  result = static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
  return b < 0 ? a < INT64_MIN - b : a > INT64_MAX - b;
}
constexpr bool subtract_overflows(int64_t a, int64_t b, int64_t& result) {
  result = static_cast<int64_t>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
  return b < 0 ? a > INT64_MAX + b : a < INT64_MIN + b;
}
constexpr bool multiply_overflows(int64_t a, int64_t b, int64_t& result) {
  result = static_cast<int64_t>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
  if (a == 0 || b == 0) return false;
  if ((a < 0) == (b < 0)) return a > 0 ? a > INT64_MAX / b : a < INT64_MAX / b;
  return a > 0 ? b < INT64_MIN / a : a < INT64_MIN / b;
}

}  // namespace portable

// Whether a + b, a - b and a * b pass 64 bits. `result` is what is left of them there.
#ifdef __GNUC__
constexpr bool add_overflows(int64_t a, int64_t b, int64_t& result) {
  return __builtin_add_overflow(a, b, &result);
}
constexpr bool subtract_overflows(int64_t a, int64_t b, int64_t& result) {
  return __builtin_sub_overflow(a, b, &result);
}
constexpr bool multiply_overflows(int64_t a, int64_t b, int64_t& result) {
  return __builtin_mul_overflow(a, b, &result);
}
#else
using portable::add_overflows;
using portable::multiply_overflows;
using portable::subtract_overflows;
#endif

constexpr int64_t saturating_product(int64_t a, int64_t b) {
  int64_t result = 0;
  if (!multiply_overflows(a, b, result)) [[likely]]
    return result;
  return (a < 0) == (b < 0) ? INT64_MAX : INT64_MIN;
}

constexpr int64_t saturating_sum(int64_t a, int64_t b) {
  int64_t result = 0;
  if (!add_overflows(a, b, result)) [[likely]]
    return result;
  return a < 0 ? INT64_MIN : INT64_MAX;
}

constexpr int64_t saturating_difference(int64_t a, int64_t b) {
  int64_t result = 0;
  if (!subtract_overflows(a, b, result)) [[likely]]
    return result;
  return a < 0 ? INT64_MIN : INT64_MAX;
}

}  // namespace lineshaft
