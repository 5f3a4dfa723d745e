// Weight normalization: w = v * g / |v|, where the norm is taken over all axes but the first or the last.
#include "csrc/core/kernel.h"
#include "csrc/core/map.h"

namespace lineshaft::torch {
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

// Sums program(inputs...) over the axis that is not kept; the epilogue stores it, after a square root if `root`.
void sum_rows(int kept, DType type, std::initializer_list<const at::Tensor*> matrices, const at::Tensor& out,
              bool root) {
  static ProgramCache products, stores;
  DType compute = compute_type(type);
  ProgramRef product = products.get(key_of(type), [&](ProgramBuilder& p) {
    Expr x = p.input(type);
    p.output(x * p.input(type), compute);
  });
  DType out_type = dtype_of(out.scalar_type());
  ProgramRef store = stores.get(key_of(compute, out_type, root), [&](ProgramBuilder& p) {
    Expr sum = cast(p.input(compute), compute_type(out_type));
    p.output(root ? sqrt(sum) : sum, out_type);
  });
  c10::SmallVector<TensorView, 2> views;
  for (const at::Tensor* tensor : matrices) views.push_back(view_of(*tensor));
  Reduce op;
  op.kind = ReduceKind::kSum;
  op.axes = static_cast<uint8_t>(kept == 0 ? 2 : 1);
  op.prologue = product;
  op.inputs = {views.data(), views.size()};
  op.output = view_of(kept == 0 ? out.view({-1, 1}) : out.view({1, -1}));
  op.epilogue.program = store;
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
  static ProgramCache cache;
  ProgramRef program = cache.get(key_of(type, norm_type), [&](ProgramBuilder& p) {
    Expr x = cast(p.input(type), norm_type), scale = cast(p.input(type), norm_type);
    p.output(cast(x * (scale / p.input(norm_type)), compute_type(type)), type);
  });
  at::Tensor out = matrix(w, kept), scales = as_column(g, kept), by = as_column(norms, kept);
  record_map(program, {&out}, {&rows, &scales, &by});
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
  static ProgramCache by_v, by_g;
  ProgramRef v_program = by_v.get(key_of(type, norm_type), [&](ProgramBuilder& p) {
    auto load = [&](DType dtype) { return cast(p.input(dtype), norm_type); };
    Expr grad = load(type), x = load(type), scale = load(type), norm = load(norm_type), product = load(norm_type);
    p.output(cast(scale / norm * (grad - x * (product / (norm * norm))), compute_type(type)), type);
  });
  ProgramRef g_program = by_g.get(key_of(type, norm_type), [&](ProgramBuilder& p) {
    Expr product = p.input(norm_type);
    p.output(cast(product / p.input(norm_type), compute_type(type)), type);
  });
  at::Tensor out = matrix(grad_v, kept), scales = as_column(g, kept), by = as_column(norms, kept),
             products = as_column(dot, kept);
  record_map(v_program, {&out}, {&grads, &rows, &scales, &by, &products});
  at::Tensor out_g = as_column(grad_g, kept);
  record_map(g_program, {&out_g}, {&products, &by});
  return {grad_v, grad_g};
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement<&weight_norm>(m, "_weight_norm_interface");
  implement<&weight_norm_backward>(m, "_weight_norm_interface_backward");
}

}  // namespace
}  // namespace lineshaft::torch
