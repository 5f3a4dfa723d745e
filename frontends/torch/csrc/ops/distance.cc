// Distances between rows: one reduction whose prologue and epilogue are the norm, and its gradient another.
#include <ATen/ATen.h>
#include <ATen/ExpandUtils.h>

#include "csrc/core/kernel.h"
#include "csrc/core/map.h"
#include "csrc/core/torch_version.h"
#include <lineshaft/frontend/formulas/distance.h>

namespace lineshaft::torch {

namespace formulas = frontend::formulas;

namespace {

// From PyTorch 2.14 on infinities that cancel have a slope of NaN.
constexpr auto kSlope = LINESHAFT_TORCH_FROM(14) ? formulas::DistanceSlope::kNans : formulas::DistanceSlope::kNumbers;

// Reduces the views over their axis `axis`, into `out`, which lacks it.
void record_reduce(ReduceKind kind, int axis, ProgramRef prologue, std::vector<TensorView> inputs, double p,
                   const at::Tensor& out, ProgramRef epilogue, bool root_takes_p) {
  lineshaft::Scalar args[] = {lineshaft::Scalar::of(p)};
  Reduce op;
  op.kind = kind;
  op.axes = static_cast<uint8_t>(1u << axis);
  op.prologue = prologue;
  op.inputs = inputs;
  op.args = args;
  op.output = view_of(out.unsqueeze(axis));
  op.epilogue.program = epilogue;
  if (root_takes_p) op.epilogue.args = args;
  stream_of(out).record(op);
}

// [B, rows, columns] for tensors with any batch axes in front.
at::Tensor flatten_batch(const at::Tensor& tensor, c10::IntArrayRef batch) {
  c10::DimVector sizes(batch);
  sizes.push_back(tensor.size(-2));
  sizes.push_back(tensor.size(-1));
  return tensor.expand(sizes).reshape({-1, tensor.size(-2), tensor.size(-1)});
}

void require_same_dtype(const at::Tensor& x1, const at::Tensor& x2) {
  TORCH_CHECK(x1.scalar_type() == x2.scalar_type(), "expected scalar type ", c10::toString(x1.scalar_type()),
              " but found ", c10::toString(x2.scalar_type()));
}

at::Tensor cdist(const at::Tensor& x1, const at::Tensor& x2, double p, std::optional<int64_t> compute_mode) {
  TORCH_CHECK(p >= 0, "cdist only supports non-negative p values");
  int64_t mode = compute_mode.value_or(0);
  TORCH_CHECK(mode >= 0 && mode <= 2, "possible modes: 0, 1, 2, but was: ", mode);
  TORCH_CHECK(c10::isFloatingType(x1.scalar_type()),
              "cdist only supports floating-point dtypes, X1 got: ", c10::toString(x1.scalar_type()));
  TORCH_CHECK(c10::isFloatingType(x2.scalar_type()),
              "cdist only supports floating-point dtypes, X2 got: ", c10::toString(x2.scalar_type()));
  TORCH_CHECK(x1.dim() >= 2 && x2.dim() >= 2 && x1.size(-1) == x2.size(-1),
              "X1 and X2 must have the same number of columns. X1: ", x1.sizes(), " X2: ", x2.sizes());
  auto batch = at::infer_size_dimvector(x1.sizes().slice(0, x1.dim() - 2), x2.sizes().slice(0, x2.dim() - 2));
  c10::DimVector sizes(batch);
  sizes.push_back(x1.size(-2));
  sizes.push_back(x2.size(-2));
  at::Tensor out = empty(sizes, x1.scalar_type(), x1.device().index());
  if (out.numel() == 0) return out;
  if (x1.size(-1) == 0) return out.zero_();
  require_same_dtype(x1, x2);
  DType type = dtype_of(x1.scalar_type());
  at::Tensor a = flatten_batch(x1, batch), b = flatten_batch(x2, batch);
  auto norm = formulas::distance_norm(p);
  c10::DimVector space{a.size(0), a.size(1), b.size(1), a.size(2)};
  record_reduce(norm == formulas::DistanceNorm::kMax ? ReduceKind::kMax : ReduceKind::kSum, 3,
                formulas::distance_term_program(norm, type),
                {view_of(a.unsqueeze(2), space), view_of(b.unsqueeze(1), space)}, p,
                out.view({space[0], space[1], space[2]}), formulas::distance_root_program(norm, type), true);
  return out;
}

at::Tensor cdist_backward(const at::Tensor& grad, const at::Tensor& x1, const at::Tensor& x2, double p,
                          const at::Tensor& distances) {
  c10::DimVector sizes(distances.sizes().slice(0, distances.dim() - 2));
  auto batch = sizes;
  sizes.push_back(x1.size(-2));
  sizes.push_back(x1.size(-1));
  at::Tensor out = empty(sizes, x1.scalar_type(), x1.device().index());
  if (out.numel() == 0) return out;
  if (grad.numel() == 0) return out.zero_();
  DType type = dtype_of(x1.scalar_type());
  at::Tensor a = flatten_batch(x1, batch), b = flatten_batch(x2, batch), d = flatten_batch(distances, batch);
  at::Tensor g = flatten_batch(grad, batch);
  c10::DimVector space{a.size(0), a.size(1), b.size(1), a.size(2)};
  record_reduce(ReduceKind::kSum, 2, formulas::distance_grad_program(formulas::distance_norm(p), type, kSlope),
                {view_of(g.unsqueeze(3), space), view_of(d.unsqueeze(3), space), view_of(a.unsqueeze(2), space),
                 view_of(b.unsqueeze(1), space)},
                p, out.view({space[0], space[1], space[3]}), cast_program(compute_type(type), type), false);
  return out;
}

// The pairs i < j of n rows, as positions in an n by n matrix.
at::Tensor pairs(int64_t n, const at::Tensor& like) {
  at::Tensor rows = at::triu_indices(n, n, 1, at::TensorOptions().dtype(at::kLong));
  return (rows[0] * n + rows[1]).to(like.device());
}

at::Tensor pdist(const at::Tensor& self, double p) {
  TORCH_CHECK(self.is_contiguous(), "_pdist_forward requires contiguous input");
  TORCH_CHECK(self.dim() == 2, "pdist only supports 2D tensors, got: ", self.dim(), "D");
  return torch::cdist(self, self, p, std::nullopt).reshape({-1}).index_select(0, pairs(self.size(0), self));
}

// Each pair counts for both of its rows.
at::Tensor pdist_backward(const at::Tensor& grad, const at::Tensor& self, double p, const at::Tensor& distances) {
  int64_t n = self.size(0);
  at::Tensor at = pairs(n, self);
  auto both = [&](const at::Tensor& values) {
    at::Tensor upper = at::zeros({n * n}, values.options()).index_copy(0, at, values).view({n, n});
    return upper + upper.t();
  };
  return cdist_backward(both(grad), self, self, p, both(distances));
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement<&cdist>(m, "_cdist_forward");
  implement<&cdist_backward, Dtypes::kAlike>(m, "_cdist_backward");
  implement<&pdist>(m, "_pdist_forward");
  implement<&pdist_backward, Dtypes::kAlike>(m, "_pdist_backward");
}

}  // namespace
}  // namespace lineshaft::torch
