// Embeddings: rows gathered by index, their gradients scattered back. Rows out of range are found by the device.
#include "csrc/core/kernel.h"
#include "csrc/core/map.h"
#include <lineshaft/frontend/formulas/embedding.h>
#include <lineshaft/frontend/indexing.h>

namespace lineshaft::torch {

namespace formulas = frontend::formulas;

namespace {

// A dense tensor's memory under other sizes.
TensorView dense_view(const at::Tensor& tensor, std::initializer_list<int64_t> sizes) {
  TensorView view = view_of(tensor);
  return contiguous_view(view.buffer, view.dtype, sizes, view.offset);
}

// The rows of a matrix that `indices`, dense, name.
frontend::IndexedSpace rows_at(const at::Tensor& matrix, const at::Tensor& indices) {
  return frontend::index_slices(view_of(matrix), 0, dense_view(indices, {indices.numel()}));
}

void check_indices(const at::Tensor& indices) {
  TORCH_CHECK(
      indices.scalar_type() == at::kLong || indices.scalar_type() == at::kInt,
      "Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got ",
      indices.toString(), " instead (while checking arguments for embedding)");
}

at::Tensor embedding(const at::Tensor& weight, const at::Tensor& indices, int64_t /*padding_idx*/,
                     bool /*scale_grad_by_freq*/, bool /*sparse*/) {
  TORCH_CHECK(weight.dim() == 2, "'weight' must be 2-D");
  check_indices(indices);
  require_device(indices, weight.device(), "indices");
  c10::SmallVector<int64_t, 8> sizes(indices.sizes().begin(), indices.sizes().end());
  int64_t width = weight.size(1);
  sizes.push_back(width);
  at::Tensor out = empty(sizes, weight.scalar_type(), weight.device().index());
  if (out.numel() == 0) return out;
  at::Tensor dense = contiguous(indices);
  rows_at(weight, dense).gather_into(stream_of(weight), dense_view(out, {dense.numel(), width}));
  return out;
}

// target[index[i], :] += source[i, :]
void add_rows(const at::Tensor& target, const at::Tensor& indices, const at::Tensor& source, int64_t width) {
  rows_at(target, indices)
      .scatter_from(stream_of(target), ScatterKind::kAdd, dense_view(source, {indices.numel(), width}));
}

// How often each row is used, f32.
at::Tensor frequencies(const at::Tensor& indices, int64_t rows) {
  at::Tensor counts = empty({rows, 1}, at::kFloat, indices.device().index());
  at::Tensor ones = empty({indices.numel(), 1}, at::kFloat, indices.device().index());
  counts.zero_();
  ones.fill_(1);
  add_rows(counts, indices, ones, 1);
  return counts;
}

at::Tensor embedding_backward(const at::Tensor& grad, const at::Tensor& indices, int64_t num_weights,
                              int64_t padding_idx, bool scale_grad_by_freq) {
  // A sum of many rows in f16 or bf16 stands still: they are summed in f32 and rounded once.
  if (c10::isReducedFloatingType(grad.scalar_type()))
    return embedding_backward(grad.to(at::kFloat), indices, num_weights, padding_idx, scale_grad_by_freq)
        .to(grad.scalar_type());
  check_indices(indices);
  int64_t width = grad.size(-1), count = indices.numel();
  auto device = grad.device().index();
  at::Tensor result = empty({num_weights, width}, grad.scalar_type(), device);
  result.zero_();
  if (grad.numel() == 0) return result;
  at::Tensor rows = contiguous(grad), dense = contiguous(indices);
  if (padding_idx >= 0) {
    at::Tensor masked = empty({count, width}, grad.scalar_type(), device);
    at::Tensor flat_rows = rows.reshape({count, width}), column = dense.reshape({count, 1});
    lineshaft::Scalar args[] = {lineshaft::Scalar::of(padding_idx)};
    record_map(formulas::padded_row_grad_program(dtype_of(grad.scalar_type()), dtype_of(indices.scalar_type())),
               {&masked}, {&flat_rows, &column}, args);
    rows = masked;
  }
  add_rows(result, dense, rows, width);
  if (scale_grad_by_freq) {
    at::Tensor counts = frequencies(dense, num_weights);
    record_map(formulas::row_frequency_grad_program(dtype_of(grad.scalar_type())), {&result}, {&result, &counts});
  }
  return result;
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement<&embedding>(m, "embedding");
  implement<&embedding_backward>(m, "embedding_dense_backward");
}

}  // namespace
}  // namespace lineshaft::torch
