// pow, with the exponents that have a cheaper form.
#include "csrc/core/family.h"
#include <lineshaft/frontend/formulas/power.h>

namespace lineshaft::torch {

namespace formulas = frontend::formulas;

namespace {

const Elementwise kPower{"pow", Promotion::kCommon, nullptr, &formulas::pow_value};
const Elementwise kTensorPower{"pow", Promotion::kCommon, nullptr, &formulas::pow_value, &refuse_bool};
ProgramCache power_cache;

at::Tensor cheap(int place, const at::Tensor& base, const at::Tensor* out, bool resize) {
  static ProgramCache caches[formulas::kCheapPowers];
  Elementwise info{"pow", Promotion::kCommon, formulas::cheap_power(place).formula};
  return run_unary(info, caches[place], base, out, resize);
}

at::Tensor to_number(const at::Tensor& base, const at::Scalar& exponent, const at::Tensor* out, bool resize) {
  TORCH_CHECK(!(c10::isIntegralType(base.scalar_type(), true) && exponent.isIntegral(true) && exponent.toLong() < 0),
              "Integers to negative integer powers are not allowed.");
  c10::ScalarType common = promoted(base, exponent);
  bool integer = c10::isIntegralType(common, true);
  bool plain = !exponent.isComplex() && common == base.scalar_type();
  int place = plain ? formulas::find_cheap_power(exponent.toDouble(), integer) : -1;
  if (integer) checked_argument(exponent, dtype_of(common));
  if (place >= 0 && common != c10::ScalarType::Bool) return cheap(place, base, out, resize);
  return run_binary(kPower, power_cache, base, exponent, out, resize);
}

at::Tensor tensor_number(const at::Tensor& base, const at::Scalar& exponent) {
  return to_number(base, exponent, nullptr, true);
}
at::Tensor& tensor_number_out(const at::Tensor& base, const at::Scalar& exponent, at::Tensor& out) {
  to_number(base, exponent, &out, true);
  return out;
}
at::Tensor& tensor_number_in_place(at::Tensor& base, const at::Scalar& exponent) {
  to_number(base, exponent, &base, false);
  return base;
}
at::Tensor tensors(const at::Tensor& base, const at::Tensor& exponent) {
  return run_binary(kTensorPower, power_cache, base, exponent, nullptr, true);
}
at::Tensor& tensors_out(const at::Tensor& base, const at::Tensor& exponent, at::Tensor& out) {
  run_binary(kTensorPower, power_cache, base, exponent, &out, true);
  return out;
}
at::Tensor& tensors_in_place(at::Tensor& base, const at::Tensor& exponent) {
  run_binary(kTensorPower, power_cache, base, exponent, &base, false);
  return base;
}
at::Tensor number_tensor(const at::Scalar& base, const at::Tensor& exponent) {
  return run_binary(kPower, power_cache, base, exponent, nullptr, true);
}
at::Tensor& number_tensor_out(const at::Scalar& base, const at::Tensor& exponent, at::Tensor& out) {
  run_binary(kPower, power_cache, base, exponent, &out, true);
  return out;
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement<&tensor_number>(m, "pow.Tensor_Scalar");
  implement<&tensor_number_out>(m, "pow.Tensor_Scalar_out");
  implement<&tensor_number_in_place>(m, "pow_.Scalar");
  implement<&tensors>(m, "pow.Tensor_Tensor");
  implement<&tensors_out>(m, "pow.Tensor_Tensor_out");
  implement<&tensors_in_place>(m, "pow_.Tensor");
  implement<&number_tensor>(m, "pow.Scalar");
  implement<&number_tensor_out>(m, "pow.Scalar_out");
}

}  // namespace lineshaft::torch
