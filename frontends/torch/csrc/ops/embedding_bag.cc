// Embedding bags: rows gathered, weighted, and reduced bag by bag; and renormalization of the rows that are used.
// Composed of other operators.
#include <ATen/ATen.h>

#include "csrc/core/kernel.h"
#include "csrc/core/tensor.h"

namespace lineshaft::torch {
namespace {

using T = const at::Tensor&;
using Four = std::tuple<at::Tensor, at::Tensor, at::Tensor, at::Tensor>;

enum BagMode : int64_t { kBagSum, kBagMean, kBagMax };

// Sums of f16 and bf16 are taken in f32 and rounded once.
c10::ScalarType sum_type(T tensor) {
  return c10::isReducedFloatingType(tensor.scalar_type()) ? at::kFloat : tensor.scalar_type();
}

// The bag of each index: how many bags begin at or before it, less one.
at::Tensor bags_of(T indices, T offsets) {
  at::Tensor begins = at::zeros({indices.numel() + 1}, indices.options().dtype(at::kLong));
  begins.index_add_(0, offsets, at::ones({offsets.numel()}, begins.options()));
  return at::cumsum(begins, 0).narrow(0, 0, indices.numel()).sub_(1);
}

// The rows with the bag's largest value in each column, by the first index of the bag that has it.
at::Tensor winners(T rows, T bags, T out, T indices) {
  int64_t count = rows.size(0), width = rows.size(1);
  at::Tensor number = at::arange(count, bags.options()).unsqueeze(1);
  at::Tensor place = at::where(rows.eq(out.index_select(0, bags)), number, at::full({1, 1}, count, bags.options()));
  at::Tensor first = at::full({out.size(0), width}, count, bags.options());
  first.scatter_reduce_(0, bags.unsqueeze(1).expand({count, width}), place, "amin", true);
  at::Tensor padded = at::cat({indices.to(at::kLong), at::zeros({1}, bags.options())});
  return padded.index_select(0, first.reshape({-1})).view({out.size(0), width});
}

// Indices and offsets of two dtypes are taken in the wider one.
at::Tensor indices_of(T indices, T offsets) {
  return contiguous(indices.to(c10::promoteTypes(indices.scalar_type(), offsets.scalar_type())));
}

Four embedding_bag(T weight, T indices_given, T offsets_given, bool /*scale_grad_by_freq*/, int64_t mode,
                   bool /*sparse*/, const OptionalTensor& per_sample_weights, bool include_last_offset,
                   int64_t padding_idx) {
  TORCH_CHECK(indices_given.dim() == 1 && offsets_given.dim() == 1 && weight.dim() == 2,
              "embedding_bag: indices and offsets have to be 1D tensors and weight a 2D tensor");
  TORCH_CHECK(!present(per_sample_weights) || mode == kBagSum,
              "embedding_bag: per_sample_weights was not None. per_sample_weights is only supported for mode='sum'");
  if (present(per_sample_weights))
    at::checkSameType("embedding_bag", {weight, "weight", 1}, {*per_sample_weights, "per_sample_weights", 1});
  at::Tensor indices = indices_of(indices_given, offsets_given), offsets = offsets_given.to(at::kLong);
  int64_t bag_count = offsets.size(0) - (include_last_offset ? 1 : 0);
  at::Tensor bags = bags_of(indices, offsets.narrow(0, 0, bag_count));
  at::Tensor rows = at::embedding(weight, indices);
  at::Tensor counted = indices.ne(padding_idx);
  if (padding_idx < 0) counted.fill_(true);
  at::Tensor sizes = at::zeros({bag_count}, bags.options()).index_add_(0, bags, counted.to(at::kLong));
  if (mode == kBagMax) {
    rows = rows.masked_fill(counted.logical_not().unsqueeze(1), -std::numeric_limits<double>::infinity());
    at::Tensor out = at::full({bag_count, weight.size(1)}, -std::numeric_limits<double>::infinity(), weight.options());
    out.scatter_reduce_(0, bags.unsqueeze(1).expand_as(rows), rows, "amax", true);
    at::Tensor maximum = winners(rows, bags, out, indices);
    out.masked_fill_(sizes.eq(0).unsqueeze(1), 0);
    return {out, bags, sizes, maximum};
  }
  auto type = sum_type(weight);
  rows = rows.to(type);
  if (present(per_sample_weights)) rows = rows * per_sample_weights->to(type).unsqueeze(1);
  if (padding_idx >= 0) rows = rows.masked_fill(counted.logical_not().unsqueeze(1), 0);
  at::Tensor out = at::zeros({bag_count, weight.size(1)}, rows.options()).index_add_(0, bags, rows);
  if (mode == kBagMean) out.div_(sizes.clamp_min(1).to(type).unsqueeze(1));
  return {out.to(weight.scalar_type()), bags, sizes, at::zeros({bag_count}, bags.options())};
}

Four embedding_bag_forward_only(T weight, T indices, T offsets, bool scale_grad_by_freq, int64_t mode, bool sparse,
                                const OptionalTensor& per_sample_weights, bool include_last_offset,
                                int64_t padding_idx) {
  return embedding_bag(weight, indices, offsets, scale_grad_by_freq, mode, sparse, per_sample_weights,
                       include_last_offset, padding_idx);
}

at::Tensor embedding_bag_backward(T grad, T indices, T bags, T sizes, T maximum, int64_t num_weights,
                                  bool scale_grad_by_freq, int64_t mode, const OptionalTensor& per_sample_weights,
                                  int64_t padding_idx) {
  auto type = sum_type(grad);
  if (mode == kBagMax) {
    at::Tensor kept = grad.masked_fill(sizes.eq(0).unsqueeze(1), 0).to(type);
    at::Tensor weights = at::zeros({num_weights, grad.size(1)}, kept.options());
    if (num_weights > 0) weights.scatter_add_(0, maximum, kept);
    return weights.to(grad.scalar_type());
  }
  at::Tensor rows = grad.index_select(0, bags).to(type);
  if (mode == kBagMean) rows.div_(sizes.clamp_min(1).to(type).index_select(0, bags).unsqueeze(1));
  if (present(per_sample_weights)) rows.mul_(per_sample_weights->unsqueeze(1));
  return at::embedding_dense_backward(rows, indices, num_weights, padding_idx, scale_grad_by_freq)
      .to(grad.scalar_type());
}

at::Tensor embedding_bag_any_backward(T grad, T indices, T offsets, T bags, T sizes, T maximum, int64_t num_weights,
                                      bool scale_grad_by_freq, int64_t mode, bool sparse,
                                      const OptionalTensor& per_sample_weights, int64_t padding_idx) {
  TORCH_CHECK(!sparse, "lineshaft has no sparse gradients; use EmbeddingBag(..., sparse=False)");
  return embedding_bag_backward(grad, indices_of(indices, offsets), bags, sizes, maximum, num_weights,
                                scale_grad_by_freq, mode, per_sample_weights, padding_idx);
}

at::Tensor sample_weights_backward(T grad, T weight, T indices, T offsets, T bags, int64_t mode, int64_t padding_idx) {
  TORCH_CHECK(mode == kBagSum, "embedding_bag_backward: per_sample_weights only supported for mode='sum'");
  auto type = sum_type(grad);
  at::Tensor rows = at::embedding(weight, indices_of(indices, offsets)).to(type);
  at::Tensor products = (grad.index_select(0, bags).to(type) * rows).sum(1).to(grad.scalar_type());
  return padding_idx >= 0 ? products.masked_fill_(indices.eq(padding_idx), 0) : products;
}

// Rows that `indices` names and whose norm passes `max_norm` are scaled down to it.
at::Tensor& embedding_renorm(at::Tensor& self, T indices, double max_norm, double norm_type) {
  at::Tensor used = at::zeros({self.size(0)}, self.options().dtype(at::kBool));
  used.index_fill_(0, indices.reshape({-1}).to(at::kLong), true);
  at::Tensor norms = at::linalg_vector_norm(self, norm_type, 1, false, sum_type(self));
  at::Tensor scale =
      at::where(used.logical_and(norms.gt(max_norm)), max_norm / (norms + 1e-7), at::ones({}, norms.options()));
  return self.mul_(scale.unsqueeze(1));
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement<&embedding_bag, Dtypes::kAlike>(m, "_embedding_bag");
  implement<&embedding_bag_forward_only, Dtypes::kAlike>(m, "_embedding_bag_forward_only");
  implement<&embedding_bag_backward>(m, "_embedding_bag_dense_backward");
  implement<&embedding_bag_any_backward>(m, "_embedding_bag_backward");
  implement<&sample_weights_backward>(m, "_embedding_bag_per_sample_weights_backward");
  implement<&embedding_renorm>(m, "embedding_renorm_");
}

}  // namespace
}  // namespace lineshaft::torch
