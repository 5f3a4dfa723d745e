// Matrix products: mm, bmm, addmm, baddbmm, mv, addmv, dot. beta and alpha are run-time arguments of the epilogue.
#include <ATen/ExpandUtils.h>

#include "csrc/core/kernel.h"
#include "csrc/core/map.h"
#include "csrc/core/torch_version.h"
#include <lineshaft/frontend/products.h>

namespace lineshaft::torch {

namespace {

bool is_one(const at::Scalar& value) {
  return value.toDouble() == 1.0;
}
bool is_zero(const at::Scalar& value) {
  return value.toDouble() == 0.0;
}

// `a`, `b` and `out` have rank 2 or 3; `addend` broadcasts to `out`.
void record_product(const at::Tensor& a, const at::Tensor& b, const at::Tensor* addend, const at::Scalar& beta,
                    const at::Scalar& alpha, const at::Tensor& out) {
  if (out.numel() == 0) return;
  require_device(b, a.device(), "mat2");
  require_device(out, a.device(), "out");
  if (addend) require_device(*addend, a.device(), "self");
  at::Tensor held;  // an addend that is the output itself is copied first
  if (addend && addend->is_alias_of(out)) addend = &(held = addend->clone());
  DType dtype = dtype_of(a.scalar_type());
  bool scaled = !is_one(alpha) || (addend && !is_one(beta));
  frontend::ProductTerms terms{.scaled = scaled};
  TensorView added;
  if (addend) {
    added = view_of(*addend, out.sizes());
    terms.addend = &added;
  }
  if (scaled) {
    terms.alpha = checked_argument(alpha, dtype);
    terms.beta = checked_argument(beta, dtype);
  }
  frontend::record_product(stream_of(out), view_of(a), view_of(b), view_of(out), terms);
}

void check_types(const at::Tensor& a, const at::Tensor& b) {
  TORCH_CHECK(a.scalar_type() == b.scalar_type(), "expected m1 and m2 to have the same dtype, but got: ", a.dtype(),
              " != ", b.dtype());
  TORCH_CHECK_NOT_IMPLEMENTED(a.scalar_type() != c10::ScalarType::Bool,
                              "\"addmm_impl_cpu_\" not implemented for 'Bool'");
}

// From 2.15 on PyTorch's messages begin with the operator's name.
std::string named(const char* name) {
  return LINESHAFT_TORCH_FROM(15) ? concat(name, ": ") : std::string();
}

void check_mm(const char* name, const at::Tensor& a, const at::Tensor& b) {
  TORCH_CHECK(a.dim() == 2, named(name), "self must be a matrix, got ", a.dim(), "-D tensor");
  TORCH_CHECK(b.dim() == 2, named(name), "mat2 must be a matrix, got ", b.dim(), "-D tensor");
  TORCH_CHECK(a.size(1) == b.size(0), named(name), "mat1 and mat2 shapes cannot be multiplied (", a.size(0), "x",
              a.size(1), " and ", b.size(0), "x", b.size(1), ")");
  check_types(a, b);
}

void check_bmm(const at::Tensor& a, const at::Tensor& b) {
  TORCH_CHECK(a.dim() == 3, "batch1 must be a 3D tensor");
  TORCH_CHECK(b.dim() == 3, "batch2 must be a 3D tensor");
  TORCH_CHECK(a.size(0) == b.size(0) && a.size(2) == b.size(1),
              "Expected size for first two dimensions of batch2 tensor to be: [", a.size(0), ", ", a.size(2),
              "] but got: [", b.size(0), ", ", b.size(1), "].");
  check_types(a, b);
}

c10::DimVector product_sizes(const at::Tensor& a, const at::Tensor& b) {
  Sizes sizes = matmul_output_sizes(span_of(a.sizes()), span_of(b.sizes()));
  return {sizes.begin(), sizes.end()};
}

at::Tensor& resized(at::Tensor& out, const at::Tensor& a, const at::Tensor& b) {
  resize_out(out, product_sizes(a, b), a.scalar_type());
  return out;
}
at::Tensor new_product(const at::Tensor& a, const at::Tensor& b) {
  return empty(product_sizes(a, b), a.scalar_type(), a.device().index());
}

at::Tensor& mm_out(const at::Tensor& a, const at::Tensor& b, at::Tensor& out) {
  check_mm("mm", a, b);
  record_product(a, b, nullptr, 0, 1, resized(out, a, b));
  return out;
}

at::Tensor mm(const at::Tensor& a, const at::Tensor& b) {
  check_mm("mm", a, b);
  at::Tensor out = new_product(a, b);
  record_product(a, b, nullptr, 0, 1, out);
  return out;
}

at::Tensor& bmm_out(const at::Tensor& a, const at::Tensor& b, at::Tensor& out) {
  check_bmm(a, b);
  record_product(a, b, nullptr, 0, 1, resized(out, a, b));
  return out;
}

at::Tensor bmm(const at::Tensor& a, const at::Tensor& b) {
  check_bmm(a, b);
  at::Tensor out = new_product(a, b);
  record_product(a, b, nullptr, 0, 1, out);
  return out;
}

void check_addend(const at::Tensor& self, c10::IntArrayRef sizes, c10::ScalarType type) {
  TORCH_CHECK(self.scalar_type() == type, "self and mat2 must have the same dtype, but got ",
              c10::toString(self.scalar_type()), " and ", c10::toString(type));
  if (!at::is_expandable_to(self.sizes(), sizes)) self.expand(sizes);  // says so in PyTorch's words
}

void add_product(const at::Tensor& self, const at::Tensor& a, const at::Tensor& b, const at::Scalar& beta,
                 const at::Scalar& alpha, const at::Tensor& out) {
  check_addend(self, out.sizes(), a.scalar_type());
  record_product(a, b, is_zero(beta) ? nullptr : &self, beta, alpha, out);
}

at::Tensor& addmm_out(const at::Tensor& self, const at::Tensor& a, const at::Tensor& b, const at::Scalar& beta,
                      const at::Scalar& alpha, at::Tensor& out) {
  check_mm("addmm", a, b);
  add_product(self, a, b, beta, alpha, resized(out, a, b));
  return out;
}

at::Tensor addmm(const at::Tensor& self, const at::Tensor& a, const at::Tensor& b, const at::Scalar& beta,
                 const at::Scalar& alpha) {
  check_mm("addmm", a, b);
  at::Tensor out = new_product(a, b);
  add_product(self, a, b, beta, alpha, out);
  return out;
}

at::Tensor& baddbmm_out(const at::Tensor& self, const at::Tensor& a, const at::Tensor& b, const at::Scalar& beta,
                        const at::Scalar& alpha, at::Tensor& out) {
  check_bmm(a, b);
  add_product(self, a, b, beta, alpha, resized(out, a, b));
  return out;
}

at::Tensor baddbmm(const at::Tensor& self, const at::Tensor& a, const at::Tensor& b, const at::Scalar& beta,
                   const at::Scalar& alpha) {
  check_bmm(a, b);
  at::Tensor out = new_product(a, b);
  add_product(self, a, b, beta, alpha, out);
  return out;
}

at::Tensor& addmv_out(const at::Tensor& self, const at::Tensor& a, const at::Tensor& v, const at::Scalar& beta,
                      const at::Scalar& alpha, at::Tensor& out) {
  TORCH_CHECK(a.dim() == 2 && v.dim() == 1 && self.dim() <= 1, "vector + matrix @ vector expected, got ", self.dim(),
              ", ", a.dim(), ", ", v.dim());
  TORCH_CHECK(a.size(1) == v.size(0), "size mismatch, got input (", a.size(0), "), mat (", a.size(0), "x", a.size(1),
              "), vec (", v.size(0), ")");
  check_types(a, v);
  resize_out(out, {a.size(0)}, a.scalar_type());
  at::Tensor column = out.unsqueeze(1);
  at::Tensor addend = self.dim() == 1 ? self.unsqueeze(1) : self;
  add_product(addend, a, v.unsqueeze(1), beta, alpha, column);
  return out;
}

at::Tensor dot(const at::Tensor& a, const at::Tensor& b) {
  TORCH_CHECK(a.dim() == 1 && b.dim() == 1, "1D tensors expected, but got ", a.dim(), "D and ", b.dim(), "D tensors");
  TORCH_CHECK(a.scalar_type() == b.scalar_type(), "dot : expected both vectors to have same dtype, but found ",
              a.dtype(), " and ", b.dtype());
  TORCH_CHECK_NOT_IMPLEMENTED(a.scalar_type() != c10::ScalarType::Bool, "\"dot\" not implemented for 'Bool'");
  TORCH_CHECK(a.numel() == b.numel(), "inconsistent tensor size, expected tensor [", a.numel(), "] and src [",
              b.numel(), "] to have the same number of elements, but got ", a.numel(), " and ", b.numel(),
              " elements respectively");
  at::Tensor out = empty({1, 1}, a.scalar_type(), a.device().index());
  record_product(a.unsqueeze(0), b.unsqueeze(1), nullptr, 0, 1, out);
  return out.view(at::IntArrayRef());  // plain {} would be a dtype
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement<&mm>(m, "mm");
  implement<&mm_out>(m, "mm.out");
  implement<&bmm>(m, "bmm");
  implement<&bmm_out>(m, "bmm.out");
  implement<&addmm>(m, "addmm");
  implement<&addmm_out>(m, "addmm.out");
  implement<&baddbmm>(m, "baddbmm");
  implement<&baddbmm_out>(m, "baddbmm.out");
  implement<&addmv_out>(m, "addmv.out");
  implement<&dot>(m, "dot");
}

}  // namespace lineshaft::torch
