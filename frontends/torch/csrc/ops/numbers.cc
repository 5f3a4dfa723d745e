// The parts of a number: its angle, its sign bit, its rounding to decimals.
#include <ATen/ops/round_meta.h>
#include <ATen/ops/signbit_meta.h>

#include <cmath>
#include <limits>

#include "csrc/core/pointwise.h"
#include "csrc/core/promote.h"
#include "csrc/core/structured.h"

namespace lineshaft::torch {
namespace {

using T = const at::Tensor&;

constexpr auto angle_of = [](Expr x) {
  return select(is_nan(x), x, select(x < 0.0, literal_like(x, 3.14159265358979323846), 0.0));
};

at::Tensor& angle_out(T self, at::Tensor& out) {
  auto type = float_type(self.scalar_type());
  resize_result(out, self.sizes(), type, Stored::kCast, {&self});
  pointwise_in<angle_of>(type, out, self);
  return out;
}
at::Tensor angle(T self) {
  at::Tensor out = empty(self.sizes(), float_type(self.scalar_type()), self.device().index());
  return angle_out(self, out);
}

void signbit(Results out, T self) {
  static ProgramCache cache;
  DType type = dtype_of(self.scalar_type());
  ProgramRef program = cache.get(key_of(type), [&](ProgramBuilder& p) {
    Expr x = p.input(type);
    if (x.type == DType::kBool)
      p.output(p.constant(DType::kBool, int64_t{0}), DType::kBool);
    else
      p.output((is_float(x.type) ? copysign(literal_like(x, 1), x) : x) < 0.0, DType::kBool);
  });
  record_map(program, {&out[0]}, {&self});
}

constexpr auto rounded = [](Expr x, Expr ten) { return round(x * ten) / ten; };
constexpr auto rounded_up = [](Expr x, Expr ten) { return round(x / ten) * ten; };

void round_decimals(Results out, T self, int64_t decimals) {
  TORCH_CHECK_NOT_IMPLEMENTED(c10::isFloatingType(self.scalar_type()), "\"round_cpu\" not implemented for '",
                              c10::toString(self.scalar_type()), "'");
  double power = std::pow(10.0, static_cast<double>(std::abs(decimals)));
  // A power that float does not hold is infinite there, and the result no number, as on the CPU.
  bool beyond = self.scalar_type() != at::kDouble && power > std::numeric_limits<float>::max();
  c10::Scalar ten(beyond ? std::numeric_limits<double>::infinity() : power);
  if (decimals < 0)
    pointwise_in<rounded_up>(self.scalar_type(), out[0], self, ten);
  else
    pointwise_in<rounded>(self.scalar_type(), out[0], self, ten);
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  using namespace at::meta;
  implement<&angle>(m, "angle");
  implement<&angle_out>(m, "angle.out");
  implement_structured<structured_signbit, 1, &signbit>(m, "signbit", "signbit.out");
  implement_structured<structured_round_decimals, 1, &round_decimals>(m, "round.decimals", "round.decimals_out");
}

}  // namespace
}  // namespace lineshaft::torch
