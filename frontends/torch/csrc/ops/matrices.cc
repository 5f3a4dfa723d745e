#include "csrc/ops/matrices.h"

#include <ATen/ops/_linalg_check_errors.h>
#include <ATen/ops/zeros.h>

namespace lineshaft::torch {
namespace {

// The last `axes` axes, and the others joined in front of them.
at::Tensor joined(const at::Tensor& tensor, int64_t axes) {
  std::vector<int64_t> sizes{1};
  int64_t others = tensor.dim() - axes;
  for (int64_t i = 0; i < others; ++i) sizes[0] *= tensor.size(i);
  for (int64_t i = others; i < tensor.dim(); ++i) sizes.push_back(tensor.size(i));
  return others == 1 ? tensor : tensor.reshape(sizes);
}

}  // namespace

void require_full_precision(const char* kernel, const at::Tensor& tensor) {
  auto type = tensor.scalar_type();
  TORCH_CHECK_NOT_IMPLEMENTED(
      type == c10::kFloat || type == c10::kDouble, '"', kernel, "\" not implemented for '", c10::toString(type),
      "': matrices are factored in float32 and float64; convert this one with .to(torch.float32)");
}

at::Tensor join_batch(const at::Tensor& matrices) {
  return joined(matrices, 2);
}
at::Tensor join_vectors(const at::Tensor& vectors) {
  return joined(vectors, 1);
}

JoinedResult::JoinedResult(const at::Tensor& result, int axes) : result_(result), batch_(joined(result, axes)) {}

void JoinedResult::finish() const {
  if (batch_.numel() > 0 && !batch_.is_alias_of(result_)) result_.copy_(batch_.view(result_.sizes()));
}

void check_info(const at::Tensor& info, const char* name, bool is_matrix) {
  HostRead allowed;
  at::_linalg_check_errors(info, name, is_matrix);
}

void record_solve_triangular(const at::Tensor& a, const at::Tensor& b, bool upper, bool left, bool unit,
                             const at::Tensor& result) {
  if (result.numel() == 0) return;
  if (!left) return record_solve_triangular(a.mT(), b.mT(), !upper, true, unit, result.mT());
  JoinedResult x(result);
  at::Tensor matrix = join_batch(apart_from(a, result));
  at::Tensor right = join_batch(apart_from(b, result));
  TriangularSolve op{.upper = upper, .unit = unit, .a = view_of(matrix), .b = view_of(right)};
  op.output = view_of(x.batch());
  stream_of(result).record(op);
  x.finish();
}

at::Tensor identity(c10::IntArrayRef sizes, const at::TensorOptions& options) {
  at::Tensor matrices = at::zeros(sizes, options);
  matrices.diagonal(0, -2, -1).fill_(1);
  return matrices;
}

}  // namespace lineshaft::torch
