// nextafter: the neighbour of a number toward another one, in the dtype that the result has.
#include <ATen/ops/result_type.h>

#include <cmath>

#include "csrc/core/family.h"

namespace lineshaft::frontend {
namespace {

struct Nextafter {
  static Expr value(Expr a, Expr b) { return nextafter(a, b); }
  static constexpr Elementwise info{
      .name = "nextafter", .promotion = Promotion::kCommon, .binary = &value, .check = &require_floating};
};

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

struct NextafterHalf {
  static Expr value(Expr a, Expr b) { return half_neighbour(a, b, 11, 0x1p-24, 65504); }
  static constexpr Elementwise info{
      .name = "nextafter", .promotion = Promotion::kCommon, .binary = &value, .check = &require_floating};
};
struct NextafterBFloat16 {
  static Expr value(Expr a, Expr b) { return half_neighbour(a, b, 8, 0x1p-133, 0x1.fep127); }
  static constexpr Elementwise info{
      .name = "nextafter", .promotion = Promotion::kCommon, .binary = &value, .check = &require_floating};
};

at::Tensor run(const at::Tensor& a, const at::Tensor& b, const at::Tensor* out, bool resize) {
  auto in = [&]<class Row>(Row) { return run_binary(Row::info, Variants<Row>::cache(), a, b, out, resize); };
  switch (at::result_type(a, b)) {
    case c10::kHalf:
      return in(NextafterHalf());
    case c10::kBFloat16:
      return in(NextafterBFloat16());
    default:
      return in(Nextafter());
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
}  // namespace lineshaft::frontend
