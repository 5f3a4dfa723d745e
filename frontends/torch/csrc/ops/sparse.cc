// Sparse tensors of coordinates: indices and values on the device. They can be made, moved, copied, coalesced, printed
// and made dense; an operator that computes with them says that it cannot.
#include <ATen/ATen.h>
#include <ATen/ops/_coalesced_native.h>
#include <ATen/ops/_indices_native.h>
#include <ATen/ops/_nnz_native.h>
#include <ATen/ops/_sparse_coo_tensor_with_dims_and_tensors_native.h>
#include <ATen/ops/_sparse_coo_tensor_with_dims_native.h>
#include <ATen/ops/_to_sparse_native.h>
#include <ATen/ops/_values_native.h>
#include <ATen/ops/ccol_indices_native.h>
#include <ATen/ops/clone_native.h>
#include <ATen/ops/col_indices_native.h>
#include <ATen/ops/copy_native.h>
#include <ATen/ops/copy_sparse_to_sparse_native.h>
#include <ATen/ops/crow_indices_native.h>
#include <ATen/ops/dense_dim_native.h>
#include <ATen/ops/empty_native.h>
#include <ATen/ops/indices_native.h>
#include <ATen/ops/is_coalesced_native.h>
#include <ATen/ops/resize_as_sparse_native.h>
#include <ATen/ops/row_indices_native.h>
#include <ATen/ops/sparse_dim_native.h>
#include <ATen/ops/sparse_resize_and_clear_native.h>
#include <ATen/ops/sparse_resize_native.h>
#include <ATen/ops/values_native.h>
#include <ATen/ops/zero_native.h>

#include "csrc/core/kernel.h"

namespace lineshaft::torch {
namespace {

using T = const at::Tensor&;

int64_t product(c10::IntArrayRef sizes) {
  int64_t count = 1;
  for (int64_t size : sizes) count *= size;
  return count;
}

// The place of each value among all, counted row by row. PyTorch does not check the indices: an index out of its bound
// is found here, by the device, and would else be another element's place.
at::Tensor places(T self) {
  at::Tensor indices = self._indices(), nothing = at::zeros({1}, indices.options());
  at::Tensor place = at::zeros({indices.size(1)}, indices.options());
  for (int64_t axis = 0; axis < self.sparse_dim(); ++axis) {
    at::Tensor index = indices[axis];
    place = place * self.size(axis) + index + nothing.expand({self.size(axis)}).index_select(0, index);
  }
  return place;
}

// Sums of the values whose place is the same; of truth values whether one is true.
at::Tensor sum_by(T place, T values, int64_t count) {
  bool truth = values.scalar_type() == at::kBool;
  at::Tensor given = truth ? values.to(at::kInt) : values;
  auto sizes = given.sizes().vec();
  sizes[0] = count;
  at::Tensor sums = at::zeros(sizes, given.options());
  if (given.numel() > 0) sums.index_add_(0, place, given);
  return truth ? sums.ne(0) : sums;
}

// The indices of values at these places, which `places` gives.
at::Tensor coordinates(T place, c10::IntArrayRef sizes) {
  at::Tensor indices = at::empty({static_cast<int64_t>(sizes.size()), place.size(0)}, place.options());
  at::Tensor rest = place;
  for (auto axis = static_cast<int64_t>(sizes.size()) - 1; axis >= 0; --axis) {
    indices[axis].copy_(rest.remainder(sizes[axis]));
    rest = rest.div(sizes[axis], "floor");
  }
  return indices;
}

at::Tensor made(T like, int64_t sparse_dim, T place, T values) {
  auto options = like.options().layout(c10::kSparse);
  return at::_sparse_coo_tensor_with_dims_and_tensors(sparse_dim, like.dim() - sparse_dim, like.sizes(),
                                                      coordinates(place, like.sizes().slice(0, sparse_dim)), values,
                                                      options, /*is_coalesced=*/true);
}

at::Tensor coalesce(T self) {
  if (self.is_coalesced()) return self;
  if (self._nnz() < 2) return self.clone()._coalesced_(true);
  auto [kept, group, counts] = at::_unique2(places(self), /*sorted=*/true, /*return_inverse=*/true);
  return made(self, self.sparse_dim(), kept, sum_by(group, self._values(), kept.size(0)));
}

at::Tensor to_sparse(T self, int64_t sparse_dim) {
  TORCH_CHECK(sparse_dim >= 0 && sparse_dim <= self.dim() && (sparse_dim > 0 || self.dim() == 0),
              "sparse_dim must be 1 to the tensor's ", self.dim(), " axes; got ", sparse_dim);
  auto sizes = self.sizes().slice(sparse_dim).vec();
  sizes.insert(sizes.begin(), product(self.sizes().slice(0, sparse_dim)));
  at::Tensor rows = self.reshape(sizes);
  at::Tensor kept = rows.ne(0).reshape({sizes[0], product(self.sizes().slice(sparse_dim))}).any(1).nonzero().squeeze(1);
  return made(self, sparse_dim, kept, rows.index_select(0, kept));
}

at::Tensor to_sparse_layout(T self, std::optional<c10::Layout> layout, at::OptionalIntArrayRef block_sizes,
                            std::optional<int64_t> dense_dim) {
  if (layout.value_or(c10::kSparse) != c10::kSparse)
    return at::native::dense_to_sparse(self, layout, block_sizes, dense_dim);
  return torch::to_sparse(self, self.dim() - dense_dim.value_or(0));
}

at::Tensor to_dense(T self, std::optional<c10::ScalarType> type, std::optional<bool>) {
  at::Tensor values = type ? self._values().to(*type) : self._values();
  return sum_by(places(self), values, product(self.sizes().slice(0, self.sparse_dim()))).view(self.sizes());
}

}  // namespace

namespace native = at::native;

TORCH_LIBRARY_IMPL(aten, SparsePrivateUse1, m) {
  implement<&coalesce>(m, "_coalesce");
  implement<&to_dense>(m, "_to_dense");
  m.impl("empty.memory_format", &native::empty_sparse_symint);
  m.impl("_sparse_coo_tensor_with_dims", &native::new_with_dims_sparse);
  m.impl("_sparse_coo_tensor_with_dims_and_tensors", &native::new_with_dims_and_tensor_sparse_symint);
  m.impl("sparse_dim", &native::sparse_dim_sparse);
  m.impl("_dimI", &native::sparse_dim_sparse);
  m.impl("dense_dim", &native::dense_dim_sparse);
  m.impl("_dimV", &native::dense_dim_sparse);
  m.impl("_nnz", &native::_nnz_sparse);
  m.impl("is_coalesced", &native::is_coalesced_sparse);
  m.impl("_coalesced_", &native::_coalesced_sparse_);
  m.impl("_indices", &native::_indices_sparse);
  m.impl("_values", &native::_values_sparse);
  m.impl("indices", &native::indices_sparse);
  m.impl("values", &native::values_sparse);
  m.impl("clone", &native::clone_sparse);
  m.impl("copy_", &native::copy_sparse_wrapper_);
  m.impl("copy_sparse_to_sparse_", &native::copy_sparse_);
  m.impl("sparse_resize_", &native::sparse_resize_);
  m.impl("sparse_resize_and_clear_", &native::sparse_resize_and_clear_);
  m.impl("resize_as_sparse_", &native::resize_as_sparse_);
  m.impl("zero_", &native::zero_sparse_);
}

// Compressed ones can come, be shown and go.
TORCH_LIBRARY_IMPL(aten, SparseCsrPrivateUse1, m) {
  m.impl("sparse_dim", &native::sparse_dim_sparse_csr);
  m.impl("dense_dim", &native::dense_dim_sparse_csr);
  m.impl("_nnz", &native::_nnz_sparse_csr);
  m.impl("crow_indices", &native::crow_indices_sparse_csr);
  m.impl("col_indices", &native::col_indices_sparse_csr);
  m.impl("ccol_indices", &native::ccol_indices_sparse_csr);
  m.impl("row_indices", &native::row_indices_sparse_csr);
  m.impl("values", &native::values_sparse_csr);
  m.impl("clone", &native::clone_sparse_compressed);
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement<&to_sparse>(m, "_to_sparse.sparse_dim");
  implement<&to_sparse_layout>(m, "_to_sparse");
}

}  // namespace lineshaft::torch
