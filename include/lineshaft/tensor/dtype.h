// Element types. A *storage* type is the type of elements in memory; a *compute* type is the type of the values in a
// program. Arithmetic happens in compute types only: f16 and bf16 widen to f32; i16, i8 and u8 widen to i32.
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>

namespace lineshaft {

enum class DType : uint8_t { kF64, kF32, kF16, kBF16, kI64, kI32, kI16, kI8, kU8, kBool };
inline constexpr int kDTypeCount = 10;

constexpr bool is_valid(DType type) {
  return static_cast<int>(type) < kDTypeCount;
}

// Bytes of one element. The dtype must be valid.
constexpr int size_of(DType type) {
  constexpr int sizes[kDTypeCount] = {8, 4, 2, 2, 8, 4, 2, 1, 1, 1};
  return sizes[static_cast<int>(type)];
}

// "f64", "f32", "f16", "bf16", "i64", "i32", "i16", "i8", "u8", "bool".
constexpr std::string_view name_of(DType type) {
  constexpr std::string_view names[kDTypeCount] = {"f64", "f32", "f16", "bf16", "i64",
                                                   "i32", "i16", "i8",  "u8",   "bool"};
  return is_valid(type) ? names[static_cast<int>(type)] : "unknown";
}

constexpr bool is_float(DType type) {
  return type <= DType::kBF16;
}
constexpr bool is_int(DType type) {
  return type >= DType::kI64 && type <= DType::kU8;
}
constexpr bool is_bool(DType type) {
  return type == DType::kBool;
}

// f64, f32, i64, i32 or bool: the type in which values stored as `type` are computed.
constexpr DType compute_type(DType type) {
  switch (type) {
    case DType::kF16:
    case DType::kBF16:
      return DType::kF32;
    case DType::kI16:
    case DType::kI8:
    case DType::kU8:
      return DType::kI32;
    default:
      return type;
  }
}

constexpr bool is_compute_type(DType type) {
  return compute_type(type) == type;
}

// The type in which sums are accumulated and statistics are kept: f64 for f64, f32 for other floats, i64 for integers
// and bool.
constexpr DType accumulate_type(DType type) {
  return is_float(type) ? compute_type(type) : DType::kI64;
}

// The greatest finite number of a floating dtype. Of others it is f32's.
constexpr double largest_number(DType type) {
  switch (type) {
    case DType::kF64:
      return std::numeric_limits<double>::max();
    case DType::kF16:
      return 65504;
    case DType::kBF16:
      return 0x1.fep127;
    default:
      return std::numeric_limits<float>::max();
  }
}

// The least number above 0 of f64 or f32 that has all digits.
constexpr double smallest_normal(DType type) {
  return type == DType::kF64 ? std::numeric_limits<double>::min() : std::numeric_limits<float>::min();
}

// The greatest n for which all integers from 0 to n are numbers of the dtype.
constexpr int64_t largest_exact_integer(DType type) {
  switch (type) {
    case DType::kF64:
      return int64_t{1} << 53;
    case DType::kF32:
      return int64_t{1} << 24;
    case DType::kF16:
      return int64_t{1} << 11;
    case DType::kBF16:
      return int64_t{1} << 8;
    case DType::kU8:
      return 255;
    case DType::kBool:
      return 1;
    default:
      return INT64_MAX >> (64 - 8 * size_of(type));
  }
}

}  // namespace lineshaft
