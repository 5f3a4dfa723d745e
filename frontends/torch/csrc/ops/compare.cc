// Comparisons, logic and bits.
#include "csrc/core/family.h"

namespace lineshaft::torch {
namespace {

#define ROW(Type, name, promotion, check, formula)                                         \
  struct Type {                                                                            \
    static Expr value(Expr a, Expr b) { return formula; }                                  \
    static constexpr Elementwise info{name, Promotion::promotion, nullptr, &value, check}; \
  };

ROW(Eq, "eq", kComparison, nullptr, a == b)
ROW(Ne, "ne", kComparison, nullptr, a != b)
ROW(Lt, "lt", kComparison, nullptr, a < b)
ROW(Le, "le", kComparison, nullptr, a <= b)
ROW(Gt, "gt", kComparison, nullptr, a > b)
ROW(Ge, "ge", kComparison, nullptr, a >= b)
ROW(LogicalAnd, "logical_and", kLogical, nullptr, a& b)
ROW(LogicalOr, "logical_or", kLogical, nullptr, a | b)
ROW(LogicalXor, "logical_xor", kLogical, nullptr, a ^ b)
ROW(BitwiseAnd, "bitwise_and", kCommon, &require_integral, a& b)
ROW(BitwiseOr, "bitwise_or", kCommon, &require_integral, a | b)
ROW(BitwiseXor, "bitwise_xor", kCommon, &require_integral, a ^ b)
ROW(ShiftLeft, "bitwise_left_shift", kCommon, &require_integral, a << b)
ROW(ShiftRight, "bitwise_right_shift", kCommon, &require_integral, a >> b)
#undef ROW

template <class Row>
void implement_comparison(::torch::Library& m) {
  implement_binary<Row>(m, kTensorOut);
  implement_number<Row>(m);
}

// What Python's << and >> call.
template <class Row>
void implement_shift(::torch::Library& m, const char* name) {
  using V = Variants<Row>;
  implement<&V::binary>(m, join("__", name).append(".Tensor").c_str());
  implement<&V::number>(m, join("__", name).append(".Scalar").c_str());
  implement<&V::binary_in_place>(m, join("__i", name).append(".Tensor").c_str());
  implement<&V::number_in_place>(m, join("__i", name).append(".Scalar").c_str());
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement_comparison<Eq>(m);
  implement_comparison<Ne>(m);
  implement_comparison<Lt>(m);
  implement_comparison<Le>(m);
  implement_comparison<Gt>(m);
  implement_comparison<Ge>(m);
  implement_binary<LogicalAnd>(m);
  implement_binary<LogicalOr>(m);
  implement_binary<LogicalXor>(m);
  implement_binary<BitwiseAnd>(m, kTensorOut);
  implement_binary<BitwiseOr>(m, kTensorOut);
  implement_binary<BitwiseXor>(m, kTensorOut);
  implement_binary<ShiftLeft>(m, kTensorOut);
  implement_binary<ShiftRight>(m, kTensorOut);
  implement_shift<ShiftLeft>(m, "lshift__");
  implement_shift<ShiftRight>(m, "rshift__");
}

}  // namespace lineshaft::torch
