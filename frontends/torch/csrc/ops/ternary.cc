// Elementwise operators of three operands and more: lerp, addcmul, addcdiv.
#include <ATen/native/TypeProperties.h>

#include "csrc/core/pointwise.h"
#include <lineshaft/frontend/formulas/arithmetic.h>

namespace lineshaft::torch {
namespace {

// PyTorch does not promote here.
void require_same(const at::Tensor& self, const at::Tensor& other, const char* name) {
  TORCH_CHECK(self.scalar_type() == other.scalar_type(), "expected dtype ", self.dtype(), " for `", name,
              "` but got dtype ", other.dtype());
}

template <class Weight>
struct Lerp {
  using P = Pointwise<formulas::lerp, true, at::Tensor(const at::Tensor&, const at::Tensor&, const Weight&)>;
  static void check(const at::Tensor& self, const at::Tensor& end, const Weight& weight) {
    require_same(self, end, "end");
    if constexpr (std::is_same_v<Weight, at::Tensor>)
      if (weight.dim() > 0) require_same(self, weight, "weight");
  }
  static at::Tensor functional(const at::Tensor& self, const at::Tensor& end, const Weight& weight) {
    check(self, end, weight);
    return P::functional(self, end, weight);
  }
  static at::Tensor& out(const at::Tensor& self, const at::Tensor& end, const Weight& weight, at::Tensor& out) {
    check(self, end, weight);
    if constexpr (std::is_same_v<Weight, at::Tensor>)
      TORCH_CHECK(out.scalar_type() == self.scalar_type(), "Found dtype ", out.scalar_type(), " but expected ",
                  self.scalar_type());
    return P::out(self, end, weight, out);
  }
  static at::Tensor& in_place(at::Tensor& self, const at::Tensor& end, const Weight& weight) {
    check(self, end, weight);
    return P::in_place(self, end, weight);
  }
};

template <class Weight>
void implement_lerp(::torch::Library& m, const PointwiseNames& names) {
  implement<&Lerp<Weight>::functional>(m, names.functional);
  implement<&Lerp<Weight>::out>(m, names.out);
  implement<&Lerp<Weight>::in_place>(m, names.in_place);
}

using Scaled = at::Tensor(const at::Tensor&, const at::Tensor&, const at::Tensor&, const at::Scalar&);

struct Addcdiv {
  using P = Pointwise<formulas::addcdiv, true, Scaled>;
  static void check(const at::Tensor& a, const at::Tensor& b) {
    TORCH_CHECK(!c10::isIntegralType(a.scalar_type(), true) || !c10::isIntegralType(b.scalar_type(), true),
                "Integer division with addcdiv is no longer supported; use (input + value * torch.trunc(tensor1 / "
                "tensor2)).to(input.dtype) for what it did, or convert to floats");
  }
  static at::Tensor functional(const at::Tensor& self, const at::Tensor& a, const at::Tensor& b,
                               const at::Scalar& value) {
    check(a, b);
    return P::functional(self, a, b, value);
  }
  static at::Tensor& out(const at::Tensor& self, const at::Tensor& a, const at::Tensor& b, const at::Scalar& value,
                         at::Tensor& out) {
    check(a, b);
    return P::out(self, a, b, value, out);
  }
  static at::Tensor& in_place(at::Tensor& self, const at::Tensor& a, const at::Tensor& b, const at::Scalar& value) {
    check(a, b);
    return P::in_place(self, a, b, value);
  }
};

c10::ScalarType addr_type(const at::Tensor& self, const at::Tensor& a, const at::Tensor& b, const at::Scalar& beta,
                          const at::Scalar& alpha) {
  at::native::ResultTypeState state;
  for (const at::Tensor* tensor : {&self, &a, &b}) {
    require_device(*tensor, a.device(), "self");
    state = at::native::update_result_type_state(*tensor, state);
  }
  c10::ScalarType type = at::native::result_type(state);
  for (const at::Scalar* number : {&beta, &alpha}) {
    TORCH_CHECK(type == at::kBool || !number->isBoolean(), "Boolean alpha and beta are only for Boolean results.");
    TORCH_CHECK(c10::isFloatingType(type) || number->isIntegral(true),
                "For integral input tensors, arguments alpha and beta must not be floating point numbers.");
  }
  return type;
}

// beta * self + alpha * vec1 vec2^T, rounded once. Where beta is 0, `self` does not count, NaN or not.
at::Tensor& addr_into(const at::Tensor& self, const at::Tensor& a, const at::Tensor& b, const at::Scalar& beta,
                      const at::Scalar& alpha, c10::ScalarType type, at::Tensor& out) {
  at::Tensor column = a.unsqueeze(1), row = b.unsqueeze(0);
  if (beta.toDouble() == 0)
    pointwise_in<formulas::scaled_product>(type, out, column, row, alpha);
  else
    pointwise_in<formulas::addr>(type, out, self, column, row, beta, alpha);
  return out;
}

std::array<int64_t, 2> addr_sizes(const at::Tensor& self, const at::Tensor& a, const at::Tensor& b) {
  TORCH_CHECK(a.dim() == 1, "addr: Expected 1-D argument vec1, but got ", a.dim(), "-D");
  TORCH_CHECK(b.dim() == 1, "addr: Expected 1-D argument vec2, but got ", b.dim(), "-D");
  std::array<int64_t, 2> sizes{a.size(0), b.size(0)};
  TORCH_CHECK(at::is_expandable_to(self.sizes(), sizes), "addr: a tensor of sizes ", self.sizes(),
              " does not expand to the outer product's ", c10::IntArrayRef(sizes));
  return sizes;
}

at::Tensor addr(const at::Tensor& self, const at::Tensor& a, const at::Tensor& b, const at::Scalar& beta,
                const at::Scalar& alpha) {
  auto sizes = addr_sizes(self, a, b);
  auto type = addr_type(self.expand(sizes), a, b, beta, alpha);
  at::Tensor out = empty(sizes, type, a.device().index());
  return addr_into(self, a, b, beta, alpha, type, out);
}
at::Tensor& addr_out(const at::Tensor& self, const at::Tensor& a, const at::Tensor& b, const at::Scalar& beta,
                     const at::Scalar& alpha, at::Tensor& out) {
  auto sizes = addr_sizes(self, a, b);
  auto type = addr_type(self.expand(sizes), a, b, beta, alpha);
  TORCH_CHECK(!out.is_same(self) || self.sizes().equals(sizes), "size mismatch, input: ", self.sizes(),
              ", v1: ", a.sizes(), ", v2: ", b.sizes());
  resize_out(out, sizes, type, Stored::kCast);
  return addr_into(self, a, b, beta, alpha, type, out);
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement_lerp<at::Scalar>(m, {"lerp.Scalar", "lerp.Scalar_out", "lerp_.Scalar"});
  implement_lerp<at::Tensor>(m, {"lerp.Tensor", "lerp.Tensor_out", "lerp_.Tensor"});
  implement_pointwise<formulas::addcmul, Scaled, false>(m, {"addcmul", "addcmul.out", "addcmul_"});
  implement<&addr>(m, "addr");
  implement<&addr_out>(m, "addr.out");
  implement<&Addcdiv::functional>(m, "addcdiv");
  implement<&Addcdiv::out>(m, "addcdiv.out");
  implement<&Addcdiv::in_place>(m, "addcdiv_");
}

}  // namespace lineshaft::torch
