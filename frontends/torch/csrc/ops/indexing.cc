#include "csrc/ops/indexing.h"

#include <ATen/ExpandUtils.h>
#include <ATen/WrapDimUtils.h>
#include <ATen/native/IndexingUtils.h>

namespace lineshaft::torch {
namespace {

using at::Tensor;

// `view` is of `index`.
void add_index(Indexed& indexed, const Tensor& index, const TensorView& view, int64_t stride, int64_t bound) {
  TORCH_CHECK_INDEX(bound > 0 || view.numel() == 0, "index is out of bounds for dimension with size 0");
  indexed.keep.push_back(index);
  indexed.indices.push_back(view);
  indexed.index_strides.push_back(stride);
  indexed.bounds.push_back(bound);
}

void require_rank(size_t rank) {
  TORCH_CHECK(rank <= kMaxRank, "lineshaft indexes spaces of at most ", kMaxRank, " axes; this one has ", rank,
              ". Reshape first");
}

std::vector<Tensor> broadcast(const std::vector<Tensor>& indices) {
  try {
    return at::expand_outplace(indices);
  } catch (const c10::Error&) {
    std::string shapes;
    for (const Tensor& index : indices)
      if (index.defined()) shapes += concat(shapes.empty() ? "" : ", ", index.sizes());
    TORCH_CHECK_INDEX(false, "shape mismatch: indexing tensors could not be broadcast together with shapes ", shapes);
  }
}

}  // namespace

void Indexed::gather_into(const Tensor& like, const TensorView& output) const {
  if (output.numel() == 0) return;
  Gather op;
  op.input = base;
  op.indices = List<TensorView>(indices.data(), indices.size());
  op.index_strides = List<int64_t>(index_strides.data(), index_strides.size());
  op.bounds = List<int64_t>(bounds.data(), bounds.size());
  op.wrap = wrap;
  op.output = output;
  stream_of(like).record(op);
}

void Indexed::scatter_from(const Tensor& like, ScatterKind kind, const TensorView& source) const {
  if (source.numel() == 0) return;
  Scatter op;
  op.kind = kind;
  op.target = base;
  op.indices = List<TensorView>(indices.data(), indices.size());
  op.index_strides = List<int64_t>(index_strides.data(), index_strides.size());
  op.bounds = List<int64_t>(bounds.data(), bounds.size());
  op.wrap = wrap;
  op.source = source;
  stream_of(like).record(op);
}

Indexed index_each(const Tensor& self_given, int64_t dim, const Tensor& index_given) {
  Tensor self = at_least_1d(self_given), index = at_least_1d(index_given);
  dim = at::maybe_wrap_dim(dim, self.dim());
  Indexed indexed{.keep = {self}};
  TensorView space = view_of(index);
  indexed.base = view_of(self);
  indexed.base.sizes = space.sizes;
  indexed.base.strides[dim] = 0;
  add_index(indexed, index, space, self.stride(dim), self.size(dim));
  return indexed;
}

Indexed index_slices(const Tensor& self_given, int64_t dim, const Tensor& index_given) {
  Tensor self = at_least_1d(self_given), index = at_least_1d(index_given);
  dim = at::maybe_wrap_dim(dim, self.dim());
  Indexed indexed{.keep = {self}};
  indexed.base = view_of(self);
  indexed.base.sizes[dim] = index.size(0);
  indexed.base.strides[dim] = 0;
  TensorView flat = view_of(index), view = flat;
  view.rank = indexed.base.rank;
  view.sizes = indexed.base.sizes;
  view.strides.fill(0);
  view.strides[dim] = flat.strides[0];
  add_index(indexed, index, view, self.stride(dim), self.size(dim));
  return indexed;
}

Advanced index_advanced(const Tensor& self_given, const c10::List<std::optional<Tensor>>& given) {
  TORCH_CHECK_INDEX(static_cast<int64_t>(given.size()) <= self_given.dim(), "too many indices for tensor of dimension ",
                    self_given.dim(), " (got ", given.size(), ")");
  Tensor self = self_given;
  at::native::checkIndexTensorTypes(given, true);
  std::vector<Tensor> indices = broadcast(at::native::expandTensors(self, given, true));
  while (static_cast<int64_t>(indices.size()) < self.dim()) indices.emplace_back();
  TORCH_CHECK_INDEX(static_cast<int64_t>(indices.size()) == self.dim(), "too many indices for tensor of dimension ",
                    self.dim());
  if (!at::native::hasContiguousSubspace(indices))
    std::tie(self, indices) = at::native::transposeToFront(self, indices);
  Advanced result;
  Indexed& indexed = result.indexed;
  indexed.wrap = true;
  indexed.keep.push_back(self);
  TensorView own = view_of(self);
  Tensor shape;  // of the indices
  int64_t first = -1, count = 0;
  for (int64_t i = 0; i < self.dim(); ++i) {
    if (!indices[i].defined()) continue;
    if (first < 0) first = i;
    ++count;
    shape = indices[i];
  }
  int64_t after = self.dim() - first - count;
  bool flatten = first + shape.dim() + after > kMaxRank;
  c10::SmallVector<int64_t, 8> index_sizes(shape.sizes().begin(), shape.sizes().end());
  if (flatten) index_sizes = {shape.numel()};
  require_rank(first + index_sizes.size() + after);
  TensorView& base = indexed.base;
  base = own;
  base.rank = 0;
  auto push = [&](int64_t size, int64_t stride) {
    base.sizes[base.rank] = size;
    base.strides[base.rank++] = stride;
  };
  for (int64_t i = 0; i < first; ++i) push(own.sizes[i], own.strides[i]);
  for (int64_t size : index_sizes) push(size, 0);
  for (int64_t i = first + count; i < self.dim(); ++i) push(own.sizes[i], own.strides[i]);
  for (int64_t i = first; i < first + count; ++i) {
    TORCH_CHECK_INDEX(own.sizes[i] > 0 || shape.numel() == 0, "index is out of bounds for dimension with size 0");
    Tensor index = as_index(flatten ? indices[i].reshape({-1}) : indices[i]);
    TensorView flat = view_of(index), view = flat;
    view.rank = base.rank;
    view.sizes = base.sizes;
    view.strides.fill(0);
    for (int k = 0; k < flat.rank; ++k) view.strides[first + k] = flat.strides[k];
    add_index(indexed, index, view, own.strides[i], own.sizes[i]);
  }
  for (int64_t i = 0; i < first; ++i) result.sizes.push_back(own.sizes[i]);
  for (int64_t size : shape.sizes()) result.sizes.push_back(size);
  for (int64_t i = first + count; i < self.dim(); ++i) result.sizes.push_back(own.sizes[i]);
  return result;
}

void require_index_dtype(const Tensor& index, const char* what) {
  TORCH_CHECK(index.scalar_type() == c10::kLong || index.scalar_type() == c10::kInt, what,
              ": Expected dtype int32 or int64 for index, got ", c10::toString(index.scalar_type()));
}

Tensor as_index(const Tensor& index) {
  if (index.scalar_type() == c10::kLong || index.scalar_type() == c10::kInt) return index;
  return index.to(c10::kLong);
}

TensorView in_space(const Tensor& tensor, std::span<const int64_t> space, Tensor& keep) {
  if (auto view = reshaped(view_of(tensor), space)) return *view;
  keep = tensor.contiguous();
  return *reshaped(view_of(keep), space);
}

}  // namespace lineshaft::torch
