// Elementwise functions of one operand: one row each, then its registration.
#include "csrc/core/family.h"
#include "csrc/core/torch_version.h"
#include <lineshaft/frontend/formulas/activation.h>
#include <lineshaft/frontend/formulas/number.h>
#include <lineshaft/frontend/formulas/power.h>
#include <lineshaft/frontend/formulas/special.h>

namespace lineshaft::torch {

namespace formulas = frontend::formulas;

namespace {

void refuse_bool_negation(const char*, c10::ScalarType type) {
  LINESHAFT_CHECK_NOT_BOOL(
      type != c10::ScalarType::Bool,
      "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a mask, use "
      "the `~` or "
      "`logical_not()` operator instead.");
}

void refuse_bool_relu(const char*, c10::ScalarType type) {
  LINESHAFT_CHECK_NOT_BOOL(type != c10::ScalarType::Bool, "Boolean inputs not supported for relu");
}

// What promotes nothing casts to no `out`.
#define ROW(Type, row_name, row_promotion, row_check, formula)                                      \
  struct Type {                                                                                     \
    static Expr value(Expr x) { return formula; }                                                   \
    static constexpr bool kPromotes = Promotion::row_promotion != Promotion::kCommon;               \
    static constexpr Elementwise info{.name = row_name,                                             \
                                      .promotion = Promotion::row_promotion,                        \
                                      .unary = &value,                                              \
                                      .check = row_check,                                           \
                                      .tensors_out = kPromotes ? Stored::kCast : Stored::kExactly}; \
  };

ROW(Abs, "abs", kCommon, &refuse_bool, abs(x))
ROW(Neg, "neg", kCommon, &refuse_bool_negation, -x)
ROW(Sign, "sign", kCommon, nullptr, formulas::sign_value(x))
ROW(Sgn, "sgn", kCommon, nullptr, formulas::sign_value(x))
ROW(Floor, "floor", kCommon, &refuse_bool, formulas::floor_value(x))
ROW(Ceil, "ceil", kCommon, &refuse_bool, formulas::ceil_value(x))
ROW(Trunc, "trunc", kCommon, &refuse_bool, formulas::trunc_value(x))
ROW(Round, "round", kCommon, &refuse_bool, formulas::round_value(x))
ROW(Frac, "frac", kCommon, &require_floating, formulas::frac(x))
ROW(Sqrt, "sqrt", kFloat, nullptr, sqrt(x))
ROW(Rsqrt, "rsqrt", kFloat, nullptr, rsqrt(x))
ROW(Reciprocal, "reciprocal", kFloat, nullptr, formulas::reciprocal(x))
ROW(Exp, "exp", kFloat, nullptr, exp(x))
ROW(Exp2, "exp2", kFloat, nullptr, exp2(x))
ROW(Expm1, "expm1", kFloat, nullptr, expm1(x))
ROW(Log, "log", kFloat, nullptr, log(x))
ROW(Log2, "log2", kFloat, nullptr, log2(x))
ROW(Log10, "log10", kFloat, nullptr, log10(x))
ROW(Log1p, "log1p", kFloat, nullptr, log1p(x))
ROW(Sin, "sin", kFloat, nullptr, sin(x))
ROW(Cos, "cos", kFloat, nullptr, cos(x))
ROW(Tan, "tan", kFloat, nullptr, tan(x))
ROW(Asin, "asin", kFloat, nullptr, asin(x))
ROW(Acos, "acos", kFloat, nullptr, acos(x))
ROW(Atan, "atan", kFloat, nullptr, atan(x))
ROW(Sinh, "sinh", kFloat, nullptr, sinh(x))
ROW(Cosh, "cosh", kFloat, nullptr, cosh(x))
ROW(Tanh, "tanh", kFloat, nullptr, tanh(x))
ROW(Asinh, "asinh", kFloat, nullptr, asinh(x))
ROW(Acosh, "acosh", kFloat, nullptr, acosh(x))
ROW(Atanh, "atanh", kFloat, nullptr, atanh(x))
ROW(Erf, "erf", kFloat, nullptr, erf(x))
ROW(Erfc, "erfc", kFloat, nullptr, erfc(x))
ROW(Erfinv, "erfinv", kFloat, nullptr, erfinv(x))
ROW(Lgamma, "lgamma", kFloat, nullptr, lgamma(x))
ROW(Digamma, "digamma", kFloat, nullptr, digamma(x))
ROW(Sigmoid, "sigmoid", kFloat, nullptr, formulas::sigmoid(x))
ROW(Sinc, "sinc", kFloat, nullptr, formulas::sinc(x))
ROW(Relu, "relu", kCommon, &refuse_bool_relu, formulas::relu(x))
ROW(BitwiseNot, "bitwise_not", kCommon, &require_integral, ~x)
ROW(LogicalNot, "logical_not", kLogical, nullptr, ~x)
ROW(IsNan, "isnan", kComparison, nullptr, is_nan(x))
#undef ROW

template <class... Rows>
void implement_all(::torch::Library& m) {
  (implement_unary<Rows>(m), ...);
}

// relu has no out overload.
template <class Row>
void implement_without_out(::torch::Library& m) {
  implement<&Variants<Row>::unary>(m, Row::info.name);
  implement<&Variants<Row>::unary_in_place>(m, join(Row::info.name, "_").c_str());
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement_all<Abs, Neg, Sign, Sgn, Floor, Ceil, Trunc, Round, Frac, Sqrt, Rsqrt, Reciprocal>(m);
  implement_all<Exp, Exp2, Expm1, Log, Log2, Log10, Log1p>(m);
  implement_all<Sin, Cos, Tan, Asin, Acos, Atan, Sinh, Cosh, Tanh, Asinh, Acosh, Atanh>(m);
  implement_all<Erf, Erfc, Erfinv, Lgamma, Digamma, Sigmoid, Sinc, BitwiseNot, LogicalNot>(m);
  implement_without_out<Relu>(m);
  implement<&Variants<IsNan>::unary>(m, "isnan");
}

}  // namespace lineshaft::torch
