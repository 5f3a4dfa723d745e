// Arithmetic on sizes, strides and offsets that callers give. A result that int64_t cannot hold is either reported, or
// clamped to the nearest limit, so that a later check refuses it.
#pragma once

#include <cstdint>

namespace lineshaft {

// add_overflows, subtract_overflows and multiply_overflows for compilers without GCC's built-in functions.
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

// True where a + b, a - b or a * b does not fit in int64_t. `result` is the exact value modulo 2^64.
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
