// Greatest common divisors and least common multiples: of each dtype a formula of its own.
#include <ATen/ops/gcd_meta.h>
#include <ATen/ops/lcm_meta.h>
#include <ATen/ops/result_type.h>

#include "csrc/core/pointwise.h"
#include "csrc/core/structured.h"
#include <lineshaft/frontend/formulas/arithmetic.h>

namespace lineshaft::torch {
namespace {

using T = const at::Tensor&;

template <DType type>
Expr gcd_in(Expr x, Expr y) {
  return formulas::gcd(x, y, type);
}
template <DType type>
Expr lcm_in(Expr x, Expr y) {
  return formulas::lcm(x, y, type);
}

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
