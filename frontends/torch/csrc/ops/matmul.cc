// Matrix products: mm, bmm, addmm, baddbmm, mv, addmv, dot. beta and alpha are run-time arguments of the epilogue.
#include <ATen/ExpandUtils.h>

#include "csrc/core/kernel.h"
#include "csrc/core/map.h"
#include "csrc/core/torch_version.h"
#include <lineshaft/frontend/formulas/products.h>

namespace lineshaft::torch {

namespace formulas = frontend::formulas;

namespace {

bool is_one(const at::Scalar& value) {
  return value.toDouble() == 1.0;
}
bool is_zero(const at::Scalar& value) {
  return value.toDouble() == 0.0;
}

// Products of long rows and columns, one number of each pair, as a sum: a kernel for matrices adds the products one
// after the other, which loses digits with each.
void record_dots(const at::Tensor& a, const at::Tensor& b, const at::Tensor& out) {
  DType dtype = dtype_of(a.scalar_type()), sum = accumulate_type(dtype);
  TensorView inputs[] = {view_of(a), view_of(b.mT())};
  Reduce op;
  op.axes = static_cast<uint8_t>(1u << (inputs[0].rank - 1));
  op.prologue = formulas::dot_program(dtype);
  op.inputs = inputs;
  op.output = view_of(out);
  if (dtype != sum) op.epilogue.program = cast_program(sum, dtype);
  stream_of(out).record(op);
}

bool are_long_dots(const at::Tensor& a, const at::Tensor& out) {
  constexpr int64_t kLong = 1024;
  return out.size(-1) == 1 && out.size(-2) == 1 && a.size(-1) >= kLong && out.is_floating_point();
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
  if (!addend && !scaled && are_long_dots(a, out)) return record_dots(a, b, out);
  Matmul op;
  op.a = view_of(a);
  op.b = view_of(b);
  op.output = view_of(out);
  TensorView views[1];
  lineshaft::Scalar args[2];
  if (addend || scaled) {
    op.epilogue.program = formulas::product_epilogue_program(dtype, addend != nullptr, scaled);
    if (addend) {
      views[0] = view_of(*addend, out.sizes());
      op.epilogue.inputs = views;
    }
    if (scaled) {
      args[0] = checked_argument(alpha, dtype);
      args[1] = checked_argument(beta, dtype);
      op.epilogue.args = List<lineshaft::Scalar>(args, addend ? 2 : 1);
    }
  }
  stream_of(out).record(op);
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

at::Tensor& resized(at::Tensor& out, c10::IntArrayRef sizes, c10::ScalarType type) {
  resize_out(out, sizes, type);
  return out;
}

at::Tensor& mm_out(const at::Tensor& a, const at::Tensor& b, at::Tensor& out) {
  check_mm("mm", a, b);
  record_product(a, b, nullptr, 0, 1, resized(out, {a.size(0), b.size(1)}, a.scalar_type()));
  return out;
}

at::Tensor mm(const at::Tensor& a, const at::Tensor& b) {
  check_mm("mm", a, b);
  at::Tensor out = empty({a.size(0), b.size(1)}, a.scalar_type(), a.device().index());
  record_product(a, b, nullptr, 0, 1, out);
  return out;
}

at::Tensor& bmm_out(const at::Tensor& a, const at::Tensor& b, at::Tensor& out) {
  check_bmm(a, b);
  record_product(a, b, nullptr, 0, 1, resized(out, {a.size(0), a.size(1), b.size(2)}, a.scalar_type()));
  return out;
}

at::Tensor bmm(const at::Tensor& a, const at::Tensor& b) {
  check_bmm(a, b);
  at::Tensor out = empty({a.size(0), a.size(1), b.size(2)}, a.scalar_type(), a.device().index());
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
  add_product(self, a, b, beta, alpha, resized(out, {a.size(0), b.size(1)}, a.scalar_type()));
  return out;
}

at::Tensor addmm(const at::Tensor& self, const at::Tensor& a, const at::Tensor& b, const at::Scalar& beta,
                 const at::Scalar& alpha) {
  check_mm("addmm", a, b);
  at::Tensor out = empty({a.size(0), b.size(1)}, a.scalar_type(), a.device().index());
  add_product(self, a, b, beta, alpha, out);
  return out;
}

at::Tensor& baddbmm_out(const at::Tensor& self, const at::Tensor& a, const at::Tensor& b, const at::Scalar& beta,
                        const at::Scalar& alpha, at::Tensor& out) {
  check_bmm(a, b);
  add_product(self, a, b, beta, alpha, resized(out, {a.size(0), a.size(1), b.size(2)}, a.scalar_type()));
  return out;
}

at::Tensor baddbmm(const at::Tensor& self, const at::Tensor& a, const at::Tensor& b, const at::Scalar& beta,
                   const at::Scalar& alpha) {
  check_bmm(a, b);
  at::Tensor out = empty({a.size(0), a.size(1), b.size(2)}, a.scalar_type(), a.device().index());
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
  resized(out, {a.size(0)}, a.scalar_type());
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
