#include "conformance/array.h"

#include <cmath>

#include "tensor/half.h"

namespace lineshaft::conformance {
namespace {

// To nearest even with `bits` of mantissa, exponents from `lowest` on; past the largest finite value an infinity.
Number rounded(Number value, int bits, int lowest, Number largest) {
  if (value == 0 || !std::isfinite(value)) return value;
  int exponent;
  std::frexp(value, &exponent);
  int unit = std::max(exponent, lowest) - bits;
  Number result = std::ldexp(std::nearbyint(std::ldexp(value, -unit)), unit);
  return std::abs(result) > largest ? std::copysign(static_cast<Number>(INFINITY), value) : result;
}

Number wrapped(Number value, int bits, bool is_signed) {
  Number span = std::ldexp(Number{1}, bits);
  Number result = value - std::floor(value / span) * span;
  return is_signed && result >= span / 2 ? result - span : result;
}

}  // namespace

int64_t product(std::span<const int64_t> sizes) {
  int64_t result = 1;
  for (int64_t size : sizes) result *= size;
  return result;
}

Array::Array(Shape sizes, Number value) : shape(std::move(sizes)), data(product(shape), value) {}

int64_t Array::index(std::span<const int64_t> at) const {
  int64_t result = 0;
  for (size_t i = 0; i < shape.size(); ++i) result = result * shape[i] + at[i];
  return result;
}

Number stored(Number value, DType dtype) {
  switch (dtype) {
    case DType::kF64:
      return static_cast<double>(value);
    case DType::kF32:
      return static_cast<float>(value);
    case DType::kF16:
      return rounded(value, 11, -13, 65504);
    case DType::kBF16:
      return rounded(value, 8, -125, 0x1.fep127L);
    case DType::kI64:
      return wrapped(value, 64, true);
    case DType::kI32:
      return wrapped(value, 32, true);
    case DType::kI16:
      return wrapped(value, 16, true);
    case DType::kI8:
      return wrapped(value, 8, true);
    case DType::kU8:
      return wrapped(value, 8, false);
    case DType::kBool:
      return value != 0;
  }
  return value;
}

}  // namespace lineshaft::conformance
