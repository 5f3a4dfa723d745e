#include "lineshaft/frontend/tensor_ref.h"

#include <algorithm>
#include <vector>

#include "lineshaft/base/error.h"
#include "tensor/merge_axes.h"

namespace lineshaft::frontend {
namespace {

void merge_into(const TensorRef& tensor, TensorView& view) {
  std::vector<int64_t> sizes(tensor.sizes.begin(), tensor.sizes.end());
  std::vector<int64_t> strides(tensor.strides.begin(), tensor.strides.end());
  int rank = merge_axes(
      static_cast<int>(sizes.size()), 1, [&](int axis) -> int64_t& { return sizes[axis]; },
      [&](int, int axis) -> int64_t& { return strides[axis]; });
  LS_REQUIRE(rank <= kMaxRank, "this lineshaft operator takes tensors of at most ", kMaxRank,
             " axes that do not step evenly; got sizes ", shape_text(tensor.sizes),
             ". Make the tensor contiguous or reshape it");
  view.rank = static_cast<uint8_t>(rank);
  std::copy_n(sizes.begin(), rank, view.sizes.begin());
  std::copy_n(strides.begin(), rank, view.strides.begin());
}

}  // namespace

TensorView view_of(const TensorRef& tensor) {
  TensorView view;
  if (!tensor.buffer) return view;
  view.buffer = tensor.buffer;
  view.offset = tensor.offset;
  view.dtype = tensor.dtype;
  if (tensor.sizes.size() > kMaxRank) [[unlikely]] {
    merge_into(tensor, view);
    return view;
  }
  view.rank = static_cast<uint8_t>(tensor.sizes.size());
  for (size_t i = 0; i < tensor.sizes.size(); ++i) {
    view.sizes[i] = tensor.sizes[i];
    view.strides[i] = tensor.strides[i];
  }
  return view;
}

TensorView view_of(const TensorRef& tensor, std::span<const int64_t> sizes) {
  LS_REQUIRE(sizes.size() <= kMaxRank, "a view of rank ", sizes.size(), " passes the limit of ", kMaxRank);
  TensorView view;
  view.buffer = tensor.buffer;
  view.offset = tensor.offset;
  view.dtype = tensor.dtype;
  view.rank = static_cast<uint8_t>(sizes.size());
  LS_REQUIRE(tensor.sizes.size() <= sizes.size(), "output with shape ", shape_text(sizes),
             " doesn't match the broadcast shape ", shape_text(tensor.sizes));
  size_t shift = sizes.size() - tensor.sizes.size();
  for (size_t i = 0; i < sizes.size(); ++i) {
    view.sizes[i] = sizes[i];
    if (i < shift) continue;
    if (tensor.sizes[i - shift] == sizes[i]) {
      view.strides[i] = tensor.strides[i - shift];
    } else {
      LS_REQUIRE(tensor.sizes[i - shift] == 1, "a tensor of sizes ", shape_text(tensor.sizes),
                 " does not broadcast to ", shape_text(sizes));
    }
  }
  return view;
}

}  // namespace lineshaft::frontend
