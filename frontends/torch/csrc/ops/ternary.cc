// Elementwise operators of three operands and more: lerp, addcmul, addcdiv.
#include "csrc/core/pointwise.h"

namespace lineshaft::frontend {
namespace {

constexpr auto interpolate = [](Expr start, Expr end, Expr weight) {
  Expr difference = end - start;
  return select(abs(weight) < 0.5, start + weight * difference, end - difference * (1.0 - weight));
};
constexpr auto add_product = [](Expr self, Expr a, Expr b, Expr value) { return self + value * a * b; };
constexpr auto add_quotient = [](Expr self, Expr a, Expr b, Expr value) { return self + value * (a / b); };

using Triple = at::Tensor(const at::Tensor&, const at::Tensor&, const at::Tensor&);
using Weighted = at::Tensor(const at::Tensor&, const at::Tensor&, const at::Scalar&);
using Scaled = at::Tensor(const at::Tensor&, const at::Tensor&, const at::Tensor&, const at::Scalar&);

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement_pointwise<interpolate, Weighted>(m, {"lerp.Scalar", "lerp.Scalar_out", "lerp_.Scalar"});
  implement_pointwise<interpolate, Triple>(m, {"lerp.Tensor", "lerp.Tensor_out", "lerp_.Tensor"});
  implement_pointwise<add_product, Scaled, false>(m, {"addcmul", "addcmul.out", "addcmul_"});
  implement_pointwise<add_quotient, Scaled>(m, {"addcdiv", "addcdiv.out", "addcdiv_"});
}

}  // namespace lineshaft::frontend
