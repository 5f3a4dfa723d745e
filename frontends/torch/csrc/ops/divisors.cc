// Greatest common divisors and least common multiples, by Euclid's algorithm unrolled.
#include <ATen/ops/gcd_meta.h>
#include <ATen/ops/lcm_meta.h>
#include <ATen/ops/result_type.h>

#include "csrc/core/pointwise.h"
#include "csrc/core/structured.h"

namespace lineshaft::torch {
namespace {

using T = const at::Tensor&;

// The most divisions that numbers of a dtype take: neighbours in Fibonacci's sequence take most.
constexpr int divisions(DType type) {
  constexpr int by_bytes[] = {12, 24, 47, 93};
  int64_t bytes = size_of(type);
  return by_bytes[bytes == 1 ? 0 : bytes == 2 ? 1 : bytes == 4 ? 2 : 3];
}

// Wraps as the dtype does, so that its smallest number keeps its sign.
Expr magnitude(Expr x, DType type) {
  return is_compute_type(type) ? abs(x) : narrow(abs(x), type);
}

template <DType type>
Expr divisor(Expr x, Expr y) {
  Expr a = magnitude(x, type), b = magnitude(y, type);
  for (int i = 0; i < divisions(type); ++i) {
    Expr left = rem(b, a);  // 0 where a is 0
    b = select(a != 0.0, a, b);
    a = left;
  }
  return b;
}

template <DType type>
constexpr auto gcd_in = [](Expr x, Expr y) { return divisor<type>(x, y); };
template <DType type>
constexpr auto lcm_in = [](Expr x, Expr y) { return abs(x / divisor<type>(x, y) * y); };

template <bool multiple>
void divisors(Results out, T self, T other) {
  auto common = at::result_type(self, other);
  auto run = [&]<DType type>() {
    if constexpr (multiple)
      pointwise_in<lcm_in<type>>(common, out[0], self, other);
    else
      pointwise_in<gcd_in<type>>(common, out[0], self, other);
  };
  switch (common) {
    case c10::kLong:
      return run.template operator()<DType::kI64>();
    case c10::kInt:
      return run.template operator()<DType::kI32>();
    case c10::kShort:
      return run.template operator()<DType::kI16>();
    case c10::kChar:
      return run.template operator()<DType::kI8>();
    case c10::kByte:
      return run.template operator()<DType::kU8>();
    default:
      TORCH_CHECK_NOT_IMPLEMENTED(false, multiple ? "\"lcm\"" : "\"gcd\"", " not implemented for '",
                                  c10::toString(common), "': it takes integers; convert the tensors with .to(dtype)");
  }
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  using namespace at::meta;
  implement_structured<structured_gcd, 1, &divisors<false>>(m, "gcd", "gcd.out");
  implement_structured<structured_lcm, 1, &divisors<true>>(m, "lcm", "lcm.out");
}

}  // namespace
}  // namespace lineshaft::torch
