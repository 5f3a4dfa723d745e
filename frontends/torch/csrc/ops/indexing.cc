#include "csrc/ops/indexing.h"

#include <ATen/ExpandUtils.h>
#include <ATen/WrapDimUtils.h>
#include <ATen/native/IndexingUtils.h>

#include <algorithm>

namespace lineshaft::torch {
namespace {

using at::Tensor;

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

Indexed index_each(const Tensor& self_given, int64_t dim, const Tensor& index_given) {
  Tensor self = at_least_1d(self_given), index = at_least_1d(index_given);
  auto axis = static_cast<int>(at::maybe_wrap_dim(dim, self.dim()));
  return {frontend::index_each(view_of(self), axis, view_of(index)), {self, index}};
}

Indexed index_slices(const Tensor& self_given, int64_t dim, const Tensor& index_given) {
  Tensor self = at_least_1d(self_given), index = at_least_1d(index_given);
  auto axis = static_cast<int>(at::maybe_wrap_dim(dim, self.dim()));
  return {frontend::index_slices(view_of(self), axis, view_of(index)), {self, index}};
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
  auto is_index = [](const Tensor& index) { return index.defined(); };
  auto begin = std::find_if(indices.begin(), indices.end(), is_index);
  auto end = std::find_if_not(begin, indices.end(), is_index);
  TORCH_CHECK_INDEX(begin != end, "no index is given for a tensor of dimension ", self.dim());
  int64_t first = begin - indices.begin(), after = end - indices.begin();
  at::IntArrayRef shape = begin->sizes();
  Advanced result;
  std::vector<Tensor>& keep = result.indexed.keep;
  keep.push_back(self);
  bool flatten = first + begin->dim() + self.dim() - after > kMaxRank;
  c10::SmallVector<TensorView, 4> views;
  for (auto index = begin; index != end; ++index) {
    keep.push_back(as_index(flatten ? index->reshape({-1}) : *index));
    views.push_back(view_of(keep.back()));
  }
  result.indexed.addresses =
      frontend::index_neighbours(view_of(self), static_cast<int>(first), {views.data(), views.size()});
  result.indexed.addresses.wrap = true;
  auto add_sizes = [&](at::IntArrayRef sizes) { result.sizes.append(sizes.begin(), sizes.end()); };
  add_sizes(self.sizes().slice(0, first));
  add_sizes(shape);
  add_sizes(self.sizes().slice(after));
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
