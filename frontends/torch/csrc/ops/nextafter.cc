// nextafter: the neighbour of a number toward another one, in the dtype that the result has.
#include <ATen/ops/result_type.h>

#include <cmath>

#include "csrc/core/family.h"

namespace lineshaft::torch {
namespace {

template <Expr (*formula)(Expr, Expr)>
struct Nextafter {
  static constexpr Elementwise info{
      .name = "nextafter", .promotion = Promotion::kCommon, .binary = formula, .check = &require_floating};
};

Expr neighbour(Expr x, Expr toward) {
  return nextafter(x, toward);
}

// What computes in f32 is rounded to the half type afterwards: a step of more than half the distance to the neighbour
// and of less than one and a half arrives there. Between 2^e and 2^(e+1), neighbours are 2^(e-digits+1) apart, and
// below 2^e half of that; among the subnormal ones, `smallest`.
Expr half_neighbour(Expr x, Expr toward, int digits, double smallest, double largest) {
  Expr magnitude = abs(x);
  Expr step = max(magnitude * std::ldexp(1.25, -digits), 0.75 * smallest);
  Expr moved = select(toward > x, x + step, x - step);
  Expr finite = select(magnitude > largest, copysign(literal_like(x, largest), x), moved);
  return select(x == toward, toward, select(is_nan(x) | is_nan(toward), x + toward, finite));
}

Expr neighbour_f16(Expr x, Expr toward) {
  return half_neighbour(x, toward, 11, 0x1p-24, 65504);
}
Expr neighbour_bf16(Expr x, Expr toward) {
  return half_neighbour(x, toward, 8, 0x1p-133, 0x1.fep127);
}

at::Tensor run(const at::Tensor& a, const at::Tensor& b, const at::Tensor* out, bool resize) {
  auto in = [&]<class Row>(Row) { return run_binary(Row::info, Variants<Row>::cache(), a, b, out, resize); };
  switch (at::result_type(a, b)) {
    case c10::kHalf:
      return in(Nextafter<neighbour_f16>());
    case c10::kBFloat16:
      return in(Nextafter<neighbour_bf16>());
    default:
      return in(Nextafter<neighbour>());
  }
}

at::Tensor functional(const at::Tensor& a, const at::Tensor& b) {
  return run(a, b, nullptr, true);
}
at::Tensor& into(const at::Tensor& a, const at::Tensor& b, at::Tensor& out) {
  run(a, b, &out, true);
  return out;
}
at::Tensor& in_place(at::Tensor& a, const at::Tensor& b) {
  run(a, b, &a, false);
  return a;
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement<&functional>(m, "nextafter");
  implement<&into>(m, "nextafter.out");
  implement<&in_place>(m, "nextafter_");
}

}  // namespace
}  // namespace lineshaft::torch
