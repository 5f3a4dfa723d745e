// Arithmetic of two operands: one row each, then its registration.
#include "csrc/core/family.h"
#include "csrc/core/torch_version.h"
#include <lineshaft/frontend/formulas/arithmetic.h>
#include <lineshaft/frontend/formulas/comparison.h>
#include <lineshaft/frontend/formulas/power.h>

namespace lineshaft::torch {

namespace formulas = frontend::formulas;

namespace {

bool holds_bools(const Operand& operand) {
  return operand.typed() ? operand.typed()->scalar_type() == c10::ScalarType::Bool : operand.number().isBoolean();
}
void refuse_bool_subtraction(const Operand& a, const Operand& b) {
  LINESHAFT_CHECK_NOT_BOOL(
      !holds_bools(a) || !holds_bools(b),
      "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logical_xor()` "
      "operator instead.");
  LINESHAFT_CHECK_NOT_BOOL(
      !holds_bools(a) && !holds_bools(b),
      "Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a mask, "
      "use the `~` or `logical_not()` operator instead.");
}

#define ROW(Type, name, promotion, check, formula)                                         \
  struct Type {                                                                            \
    static Expr value(Expr a, Expr b) { return formula; }                                  \
    static constexpr Elementwise info{name, Promotion::promotion, nullptr, &value, check}; \
  };
// Sums, differences, products and quotients take a number exactly.
#define EXACT_ROW(Type, name, promotion, check, operands, single, formula)                                        \
  struct Type {                                                                                                   \
    static Expr value(Expr a, Expr b) { return formula; }                                                         \
    static constexpr Elementwise info{name,  Promotion::promotion, nullptr, &value, check, false, true, operands, \
                                      single};                                                                    \
  };

EXACT_ROW(Add, "add", kCommon, nullptr, nullptr, false, formulas::add(a, b))
EXACT_ROW(Sub, "sub", kCommon, nullptr, &refuse_bool_subtraction, false, a - b)
EXACT_ROW(Mul, "mul", kCommon, nullptr, nullptr, true, formulas::mul(a, b))
EXACT_ROW(Div, "div", kFloat, nullptr, nullptr, true, a / b)
EXACT_ROW(DivFloor, "div", kCommon, &refuse_bool, nullptr, false, formulas::floor_divide(a, b))
EXACT_ROW(DivTrunc, "div", kCommon, &refuse_bool, nullptr, false, formulas::trunc_divide(a, b))
EXACT_ROW(FloorDivide, "floor_divide", kCommon, &refuse_bool, nullptr, false, formulas::floor_divide(a, b))
ROW(Remainder, "remainder", kCommon, &refuse_bool, formulas::remainder(a, b))
ROW(Fmod, "fmod", kCommon, &refuse_bool, rem(a, b))
ROW(Maximum, "maximum", kCommon, nullptr, formulas::maximum(a, b))
ROW(Minimum, "minimum", kCommon, nullptr, formulas::minimum(a, b))
ROW(Fmax, "fmax", kCommon, nullptr, formulas::fmax(a, b))
ROW(Fmin, "fmin", kCommon, nullptr, formulas::fmin(a, b))
ROW(Atan2, "atan2", kFloat, nullptr, atan2(a, b))
ROW(Hypot, "hypot", kCommon, &require_floating, hypot(a, b))
ROW(Copysign, "copysign", kFloat, nullptr, copysign(a, b))
ROW(LogAddExp, "logaddexp", kFloat, nullptr, formulas::logaddexp(a, b))
ROW(LogAddExp2, "logaddexp2", kFloat, nullptr, formulas::logaddexp2(a, b))
ROW(Xlogy, "xlogy", kFloat, nullptr, formulas::xlogy(a, b))
ROW(Xlog1py, "special_xlog1py", kFloat, nullptr, formulas::xlog1py(a, b))
#undef ROW
#undef EXACT_ROW

void require_one_dtype(const Operand& a, const Operand& b) {
  bool one = !a.typed() || !b.typed() || a.typed()->scalar_type() == b.typed()->scalar_type();
  TORCH_CHECK(one, "heaviside is not yet implemented for tensors with different dtypes.");
}

struct Heaviside {
  static constexpr Elementwise info{.name = "heaviside",
                                    .promotion = Promotion::kCommon,
                                    .binary = &formulas::heaviside,
                                    .check_operands = &require_one_dtype,
                                    .tensors_out = Stored::kExactly};
};

at::Tensor divide_mode(const at::Tensor& a, const at::Tensor& b, std::optional<std::string_view> mode,
                       const at::Tensor* out, bool resize) {
  if (!mode) return run_binary(Div::info, Variants<Div>::cache(), a, b, out, resize);
  if (*mode == "floor") return run_binary(DivFloor::info, Variants<DivFloor>::cache(), a, b, out, resize);
  TORCH_CHECK(*mode == "trunc", "div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '", *mode,
              "'");
  return run_binary(DivTrunc::info, Variants<DivTrunc>::cache(), a, b, out, resize);
}

at::Tensor reversed_difference(const at::Tensor& self, const at::Tensor& other, const at::Scalar& alpha) {
  return run_scaled(Sub::info, Variants<Sub>::cache(), other, self, alpha, nullptr, true);
}
at::Tensor reversed_number(const at::Tensor& self, const at::Scalar& other, const at::Scalar& alpha) {
  return run_scaled(Sub::info, Variants<Sub>::cache(), other, self, alpha, nullptr, true);
}

at::Tensor div_mode(const at::Tensor& a, const at::Tensor& b, std::optional<std::string_view> mode) {
  return divide_mode(a, b, mode, nullptr, true);
}
at::Tensor& div_mode_out(const at::Tensor& a, const at::Tensor& b, std::optional<std::string_view> mode,
                         at::Tensor& out) {
  divide_mode(a, b, mode, &out, true);
  return out;
}
at::Tensor& div_mode_in_place(at::Tensor& a, const at::Tensor& b, std::optional<std::string_view> mode) {
  divide_mode(a, b, mode, &a, false);
  return a;
}

at::Tensor remainder_of_number(const at::Scalar& self, const at::Tensor& other) {
  return run_binary(Remainder::info, Variants<Remainder>::cache(), self, other, nullptr, true);
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement_scaled<Add>(m);
  implement_scaled<Sub>(m);
  implement<&reversed_difference>(m, "rsub.Tensor");
  implement<&reversed_number>(m, "rsub.Scalar");
  implement_binary<Mul>(m, kTensor);
  implement_binary<Div>(m, kTensor);
  implement<&div_mode>(m, "div.Tensor_mode");
  implement<&div_mode_out>(m, "div.out_mode");
  implement<&div_mode_in_place>(m, "div_.Tensor_mode");
  implement_binary<FloorDivide>(m, {"", ".out", "_.Tensor"});
  implement_binary<Remainder>(m, kTensorOut);
  implement<&remainder_of_number>(m, "remainder.Scalar_Tensor");
  implement_binary<Fmod>(m, kTensorOut);
  implement_binary<Maximum>(m, kNoInPlace);
  implement_binary<Minimum>(m, kNoInPlace);
  implement_binary<Fmax>(m, kNoInPlace);
  implement_binary<Fmin>(m, kNoInPlace);
  implement_binary<Atan2>(m);
  implement_binary<Hypot>(m);
  implement_binary<Copysign>(m, kTensor);
  implement_binary<LogAddExp>(m, kNoInPlace);
  implement_binary<LogAddExp2>(m, kNoInPlace);
  implement_binary<Xlogy>(m, {".Tensor", ".OutTensor", "_.Tensor"});
  implement_binary<Xlog1py>(m, kNoInPlace);
  implement_binary<Heaviside>(m);
}

}  // namespace lineshaft::torch
