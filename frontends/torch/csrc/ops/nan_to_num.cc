// nan_to_num: what is no number, and infinities, become numbers.
#include <cmath>
#include <limits>

#include "csrc/core/limits.h"
#include "csrc/core/pointwise.h"
#include <lineshaft/frontend/formulas/number.h>

namespace lineshaft::torch {
namespace {

using OptionalDouble = std::optional<double>;

// As PyTorch casts it: what float does not reach is infinite.
c10::Scalar number(double value, c10::ScalarType type) {
  if (type == at::kDouble) return value;
  if (std::abs(value) > std::numeric_limits<float>::max()) value = std::copysign(HUGE_VAL, value);
  return value;
}

at::Tensor& nan_to_num_out(const at::Tensor& self, OptionalDouble nan, OptionalDouble highest, OptionalDouble lowest,
                           at::Tensor& out) {
  auto type = self.scalar_type();
  TORCH_CHECK(out.scalar_type() == type, "nan_to_num: dtype of out: ", out.scalar_type(),
              " should be same as input: ", type);
  resize_out(out, self.sizes(), type);
  if (!c10::isFloatingType(type)) return out.copy_(self);
  pointwise<formulas::nan_to_num>(out, self, number(nan.value_or(0.0), type),
                                  number(highest.value_or(largest_number(type)), type),
                                  number(lowest.value_or(-largest_number(type)), type));
  return out;
}

at::Tensor nan_to_num(const at::Tensor& self, OptionalDouble nan, OptionalDouble highest, OptionalDouble lowest) {
  at::Tensor out = torch::empty_like(self);
  return nan_to_num_out(self, nan, highest, lowest, out);
}

at::Tensor& nan_to_num_in_place(at::Tensor& self, OptionalDouble nan, OptionalDouble highest, OptionalDouble lowest) {
  if (!c10::isFloatingType(self.scalar_type())) return self;  // all of them are numbers
  return nan_to_num_out(self, nan, highest, lowest, self);
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement<&nan_to_num>(m, "nan_to_num");
  implement<&nan_to_num_out>(m, "nan_to_num.out");
  implement<&nan_to_num_in_place>(m, "nan_to_num_");
}

}  // namespace
}  // namespace lineshaft::torch
