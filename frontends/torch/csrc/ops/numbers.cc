// The parts of a number: its angle, its sign bit, its rounding to decimals.
#include <ATen/ops/round_meta.h>
#include <ATen/ops/signbit_meta.h>

#include "csrc/core/pointwise.h"
#include "csrc/core/promote.h"
#include "csrc/core/structured.h"
#include <lineshaft/frontend/formulas/number.h>

namespace lineshaft::torch {
namespace {

using T = const at::Tensor&;

at::Tensor& angle_out(T self, at::Tensor& out) {
  auto type = float_type(self.scalar_type());
  resize_result(out, self.sizes(), type, Stored::kCast, {&self});
  pointwise_in<formulas::angle>(type, out, self);
  return out;
}
at::Tensor angle(T self) {
  at::Tensor out = empty(self.sizes(), float_type(self.scalar_type()), self.device().index());
  return angle_out(self, out);
}

void signbit(Results out, T self) {
  record_map(formulas::signbit_program(dtype_of(self.scalar_type())), {&out[0]}, {&self});
}

void round_decimals(Results out, T self, int64_t decimals) {
  TORCH_CHECK_NOT_IMPLEMENTED(c10::isFloatingType(self.scalar_type()), "\"round_cpu\" not implemented for '",
                              c10::toString(self.scalar_type()), "'");
  c10::Scalar ten(formulas::decimal_power(decimals, dtype_of(self.scalar_type())));
  if (decimals < 0)
    pointwise_in<formulas::round_to_multiple>(self.scalar_type(), out[0], self, ten);
  else
    pointwise_in<formulas::round_decimals>(self.scalar_type(), out[0], self, ten);
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
