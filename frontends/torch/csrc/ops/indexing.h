// Tensors that are read and written at indices (frontend/indexing.h), as PyTorch gives these.
#pragma once

#include <ATen/core/Tensor.h>

#include "csrc/core/tensor.h"
#include <lineshaft/frontend/indexing.h>

namespace lineshaft::torch {

struct Indexed {
  frontend::IndexedSpace addresses;
  std::vector<at::Tensor> keep;  // what the views look at, until it is recorded

  std::span<const int64_t> space() const { return addresses.space(); }
  void gather_into(const at::Tensor& like, const TensorView& output) const {
    addresses.gather_into(stream_of(like), output);
  }
  void scatter_from(const at::Tensor& like, ScatterKind kind, const TensorView& source) const {
    addresses.scatter_from(stream_of(like), kind, source);
  }
};

// self[..., index[c], ...] along `dim` for each coordinate c of `index`, as gather and scatter address it.
Indexed index_each(const at::Tensor& self, int64_t dim, const at::Tensor& index);
// self[..., index[i], ...] along `dim` for a one-dimensional `index`, as index_select and index_add address it.
Indexed index_slices(const at::Tensor& self, int64_t dim, const at::Tensor& index);
// self[indices] in the sense of advanced indexing; masks are expanded, negative indices wrap. `sizes` becomes the shape
// of the result. The space has that shape too, but for index shapes of many axes, which are flattened: `space_view`
// reshapes a view of the result to it.
struct Advanced {
  Indexed indexed;
  c10::SmallVector<int64_t, 8> sizes;
};
Advanced index_advanced(const at::Tensor& self, const c10::List<OptionalTensor>& indices);

// Throws PyTorch's error unless `index` is of an integer dtype that indexes.
void require_index_dtype(const at::Tensor& index, const char* what);
// i64 or i32 as it is, anything else as i64.
at::Tensor as_index(const at::Tensor& index);
// A row-major view of a tensor under the sizes of a space with as many elements, copying if strides cannot say so.
TensorView in_space(const at::Tensor& tensor, std::span<const int64_t> space, at::Tensor& keep);
// A tensor without axes as one of one element.
inline at::Tensor at_least_1d(const at::Tensor& tensor) {
  return tensor.dim() ? tensor : tensor.reshape({1});
}

}  // namespace lineshaft::torch
