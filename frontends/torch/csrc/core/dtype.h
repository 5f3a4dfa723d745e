// PyTorch's dtypes and Lineshaft's.
#pragma once

#include <c10/core/ScalarType.h>

#include "csrc/core/namespace.h"
#include <lineshaft/lineshaft.h>

namespace lineshaft::torch {

// Throws TypeError that names the dtype and lists what is supported.
[[noreturn]] void unsupported_dtype(c10::ScalarType type);

constexpr int kNoDType = -1;
constexpr int dtype_or_none(c10::ScalarType type) {
  switch (type) {
    case c10::ScalarType::Double:
      return static_cast<int>(DType::kF64);
    case c10::ScalarType::Float:
      return static_cast<int>(DType::kF32);
    case c10::ScalarType::Half:
      return static_cast<int>(DType::kF16);
    case c10::ScalarType::BFloat16:
      return static_cast<int>(DType::kBF16);
    case c10::ScalarType::Long:
      return static_cast<int>(DType::kI64);
    case c10::ScalarType::Int:
      return static_cast<int>(DType::kI32);
    case c10::ScalarType::Short:
      return static_cast<int>(DType::kI16);
    case c10::ScalarType::Char:
      return static_cast<int>(DType::kI8);
    case c10::ScalarType::Byte:
      return static_cast<int>(DType::kU8);
    case c10::ScalarType::Bool:
      return static_cast<int>(DType::kBool);
    default:
      return kNoDType;
  }
}

inline bool is_supported(c10::ScalarType type) {
  return dtype_or_none(type) != kNoDType;
}

inline DType dtype_of(c10::ScalarType type) {
  int dtype = dtype_or_none(type);
  if (dtype == kNoDType) [[unlikely]]
    unsupported_dtype(type);
  return static_cast<DType>(dtype);
}

constexpr c10::ScalarType scalar_type_of(DType dtype) {
  constexpr c10::ScalarType types[kDTypeCount] = {
      c10::ScalarType::Double, c10::ScalarType::Float, c10::ScalarType::Half,  c10::ScalarType::BFloat16,
      c10::ScalarType::Long,   c10::ScalarType::Int,   c10::ScalarType::Short, c10::ScalarType::Char,
      c10::ScalarType::Byte,   c10::ScalarType::Bool};
  return types[static_cast<int>(dtype)];
}

}  // namespace lineshaft::torch
