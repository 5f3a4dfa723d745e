// The C++ types of stored elements, their compute types, and dispatch from a DType to code for the type.
#pragma once

#include <cstdint>
#include <type_traits>

#include "lineshaft/base/error.h"
#include "lineshaft/tensor/dtype.h"
#include "tensor/half.h"

namespace lineshaft::cpu {

// A stored bool: 0 is false, anything else true. (A C++ bool with another byte is undefined behaviour.)
struct Bool {
  uint8_t bits = 0;
};

template <class T>
struct ComputeType {
  using type = T;
};
template <>
struct ComputeType<Half> {
  using type = float;
};
template <>
struct ComputeType<BFloat16> {
  using type = float;
};
template <>
struct ComputeType<int16_t> {
  using type = int32_t;
};
template <>
struct ComputeType<int8_t> {
  using type = int32_t;
};
template <>
struct ComputeType<uint8_t> {
  using type = int32_t;
};
template <>
struct ComputeType<Bool> {
  using type = bool;
};
template <class T>
using Compute = typename ComputeType<T>::type;

template <class T>
inline Compute<T> widen(T value) {
  if constexpr (std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>)
    return to_float(value);
  else if constexpr (std::is_same_v<T, Bool>)
    return value.bits != 0;
  else
    return value;
}

// Rounds (f16, bf16) or wraps (i16, i8, u8) to the storage type.
template <class T>
inline T narrow(Compute<T> value) {
  if constexpr (std::is_same_v<T, Half>)
    return to_half(value);
  else if constexpr (std::is_same_v<T, BFloat16>)
    return to_bfloat16(value);
  else if constexpr (std::is_same_v<T, Bool>)
    return {static_cast<uint8_t>(value)};
  else
    return static_cast<T>(value);
}

// Calls f(std::type_identity<T>{}) with the storage type.
template <class F>
decltype(auto) visit_storage(DType type, F&& f) {
  switch (type) {
    case DType::kF64:
      return f(std::type_identity<double>{});
    case DType::kF32:
      return f(std::type_identity<float>{});
    case DType::kF16:
      return f(std::type_identity<Half>{});
    case DType::kBF16:
      return f(std::type_identity<BFloat16>{});
    case DType::kI64:
      return f(std::type_identity<int64_t>{});
    case DType::kI32:
      return f(std::type_identity<int32_t>{});
    case DType::kI16:
      return f(std::type_identity<int16_t>{});
    case DType::kI8:
      return f(std::type_identity<int8_t>{});
    case DType::kU8:
      return f(std::type_identity<uint8_t>{});
    case DType::kBool:
      return f(std::type_identity<Bool>{});
  }
  fail(ErrorCode::kInternal, "dtype number ", static_cast<int>(type), " is unknown");
}

// As visit_storage, for floats only.
template <class F>
decltype(auto) visit_float(DType type, F&& f) {
  switch (type) {
    case DType::kF64:
      return f(std::type_identity<double>{});
    case DType::kF32:
      return f(std::type_identity<float>{});
    case DType::kF16:
      return f(std::type_identity<Half>{});
    case DType::kBF16:
      return f(std::type_identity<BFloat16>{});
    default:
      fail(ErrorCode::kInvalidArgument, name_of(type), " is given where a float dtype is taken");
  }
}

// As visit_storage, but with the unsigned integer of the dtype's size, for code that only moves elements.
template <class F>
decltype(auto) visit_width(DType type, F&& f) {
  switch (size_of(type)) {
    case 1:
      return f(std::type_identity<uint8_t>{});
    case 2:
      return f(std::type_identity<uint16_t>{});
    case 4:
      return f(std::type_identity<uint32_t>{});
    default:
      return f(std::type_identity<uint64_t>{});
  }
}

}  // namespace lineshaft::cpu
