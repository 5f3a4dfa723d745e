// Weight normalization: w = v * g / |v|, where the norm is taken over all axes but the first or the last.
#include "csrc/core/kernel.h"
#include "csrc/core/map.h"
#include <lineshaft/frontend/formulas/products.h>
#include <lineshaft/frontend/formulas/weight_norm.h>

namespace lineshaft::torch {

namespace formulas = frontend::formulas;

namespace {

// The tensor as a matrix whose axis `dim` (0 or 1) is the kept one.
at::Tensor matrix(const at::Tensor& tensor, int64_t dim) {
  at::Tensor dense = contiguous(tensor);
  return dim == 0 ? dense.view({dense.size(0), -1}) : dense.view({-1, dense.size(-1)});
}

int axis_of(const at::Tensor& v, int64_t dim) {
  TORCH_CHECK(dim == 0 || dim == v.dim() - 1, "fused kernels can only be applied for first or last dim");
  return dim == 0 ? 0 : 1;
}

// Sums the product of the matrices over the axis that is not kept; the epilogue stores it, after a square root if
// `root`.
void sum_rows(int kept, DType type, std::initializer_list<const at::Tensor*> matrices, const at::Tensor& out,
              bool root) {
  c10::SmallVector<TensorView, 2> views;
  for (const at::Tensor* tensor : matrices) views.push_back(view_of(*tensor));
  Reduce op;
  op.kind = ReduceKind::kSum;
  op.axes = static_cast<uint8_t>(kept == 0 ? 2 : 1);
  op.prologue = formulas::dot_program(type);
  op.inputs = {views.data(), views.size()};
  op.output = view_of(kept == 0 ? out.view({-1, 1}) : out.view({1, -1}));
  op.epilogue.program = formulas::weight_norm_sum_program(accumulate_type(type), dtype_of(out.scalar_type()), root);
  stream_of(out).record(op);
}

at::Tensor as_column(const at::Tensor& vector, int kept) {
  return kept == 0 ? contiguous(vector).view({-1, 1}) : contiguous(vector).view({1, -1});
}

std::tuple<at::Tensor, at::Tensor> weight_norm(const at::Tensor& v, const at::Tensor& g, int64_t dim) {
  int kept = axis_of(v, dim);
  auto statistics = g.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
  at::Tensor rows = matrix(v, kept), norms = empty(g.sizes(), statistics, v.device().index());
  at::Tensor w = empty(v.sizes(), v.scalar_type(), v.device().index());
  DType type = dtype_of(v.scalar_type()), norm_type = dtype_of(statistics);
  sum_rows(kept, type, {&rows, &rows}, norms, true);
  at::Tensor out = matrix(w, kept), scales = as_column(g, kept), by = as_column(norms, kept);
  record_map(formulas::weight_norm_program(type, norm_type), {&out}, {&rows, &scales, &by});
  return {w, norms};
}

// grad_g = sum(grad_w * v) / |v|, grad_v = g / |v| * (grad_w - v * sum(grad_w * v) / |v|^2)
std::tuple<at::Tensor, at::Tensor> weight_norm_backward(const at::Tensor& grad_w, const at::Tensor& v,
                                                        const at::Tensor& g, const at::Tensor& norms, int64_t dim) {
  int kept = axis_of(v, dim);
  DType type = dtype_of(v.scalar_type()), norm_type = dtype_of(norms.scalar_type());
  at::Tensor rows = matrix(v, kept), grads = matrix(grad_w, kept),
             dot = empty(g.sizes(), norms.scalar_type(), v.device().index());
  sum_rows(kept, type, {&grads, &rows}, dot, false);
  auto device = v.device().index();
  at::Tensor grad_v = empty(v.sizes(), v.scalar_type(), device), grad_g = empty(g.sizes(), g.scalar_type(), device);
  at::Tensor out = matrix(grad_v, kept), scales = as_column(g, kept), by = as_column(norms, kept),
             products = as_column(dot, kept);
  record_map(formulas::weight_norm_grad_program(type, norm_type), {&out}, {&grads, &rows, &scales, &by, &products});
  at::Tensor out_g = as_column(grad_g, kept);
  record_map(formulas::weight_norm_scale_grad_program(type, norm_type), {&out_g}, {&products, &by});
  return {grad_v, grad_g};
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement<&weight_norm>(m, "_weight_norm_interface");
  implement<&weight_norm_backward>(m, "_weight_norm_interface_backward");
}

}  // namespace
}  // namespace lineshaft::torch
