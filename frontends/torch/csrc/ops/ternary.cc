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

// PyTorch does not promote here.
void require_same(const at::Tensor& self, const at::Tensor& other, const char* name) {
  TORCH_CHECK(self.scalar_type() == other.scalar_type(), "expected dtype ", self.dtype(), " for `", name,
              "` but got dtype ", other.dtype());
}

template <class Weight>
struct Lerp {
  using P = Pointwise<interpolate, true, at::Tensor(const at::Tensor&, const at::Tensor&, const Weight&)>;
  static void check(const at::Tensor& self, const at::Tensor& end, const Weight& weight) {
    require_same(self, end, "end");
    if constexpr (std::is_same_v<Weight, at::Tensor>) require_same(self, weight, "weight");
  }
  static at::Tensor functional(const at::Tensor& self, const at::Tensor& end, const Weight& weight) {
    check(self, end, weight);
    return P::functional(self, end, weight);
  }
  static at::Tensor& out(const at::Tensor& self, const at::Tensor& end, const Weight& weight, at::Tensor& out) {
    check(self, end, weight);
    return P::out(self, end, weight, out);
  }
  static at::Tensor& in_place(at::Tensor& self, const at::Tensor& end, const Weight& weight) {
    check(self, end, weight);
    return P::in_place(self, end, weight);
  }
};

template <class Weight>
void implement_lerp(torch::Library& m, const PointwiseNames& names) {
  implement<&Lerp<Weight>::functional>(m, names.functional);
  implement<&Lerp<Weight>::out>(m, names.out);
  implement<&Lerp<Weight>::in_place>(m, names.in_place);
}

using Scaled = at::Tensor(const at::Tensor&, const at::Tensor&, const at::Tensor&, const at::Scalar&);

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement_lerp<at::Scalar>(m, {"lerp.Scalar", "lerp.Scalar_out", "lerp_.Scalar"});
  implement_lerp<at::Tensor>(m, {"lerp.Tensor", "lerp.Tensor_out", "lerp_.Tensor"});
  implement_pointwise<add_product, Scaled, false>(m, {"addcmul", "addcmul.out", "addcmul_"});
  implement_pointwise<add_quotient, Scaled>(m, {"addcdiv", "addcdiv.out", "addcdiv_"});
}

}  // namespace lineshaft::frontend
