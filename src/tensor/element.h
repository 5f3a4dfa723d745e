// One element at a time, by its dtype: for tests, comparisons and printing, not for kernels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "lineshaft/tensor/tensor_view.h"
#include "tensor/half.h"

namespace lineshaft {

template <class T>
T load_as(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

// The element at `at`. i64 beyond 2^53 is rounded.
inline double load_double(const std::byte* at, DType dtype) {
  switch (dtype) {
    case DType::kF64:
      return load_as<double>(at);
    case DType::kF32:
      return load_as<float>(at);
    case DType::kF16:
      return to_float(load_as<Half>(at));
    case DType::kBF16:
      return to_float(load_as<BFloat16>(at));
    case DType::kI64:
      return static_cast<double>(load_as<int64_t>(at));
    case DType::kI32:
      return load_as<int32_t>(at);
    case DType::kI16:
      return load_as<int16_t>(at);
    case DType::kI8:
      return load_as<int8_t>(at);
    case DType::kU8:
    case DType::kBool:
      return load_as<uint8_t>(at);
  }
  return 0;
}

// Calls f(coordinates, byte offset from the buffer's start) for each element, in row-major order.
template <class F>
void for_each_element(const TensorView& view, F&& f) {
  std::array<int64_t, kMaxRank> at{};
  for (int64_t left = view.numel(); left > 0; --left) {
    int64_t element = 0;
    for (int i = 0; i < view.rank; ++i) element += at[i] * view.strides[i];
    f(static_cast<const std::array<int64_t, kMaxRank>&>(at), view.offset + element * size_of(view.dtype));
    for (int i = view.rank - 1; i >= 0 && ++at[i] == view.sizes[i]; --i) at[i] = 0;
  }
}

}  // namespace lineshaft
