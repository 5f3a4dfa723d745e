// A framework's tensor as this layer takes it: where its memory is, and sizes and strides of any rank. It owns nothing.
#pragma once

#include <span>

#include "lineshaft/base/export.h"
#include "lineshaft/tensor/tensor_view.h"

namespace lineshaft::frontend {

struct TensorRef {
  BufferId buffer;     // empty: the tensor is absent
  int64_t offset = 0;  // bytes
  DType dtype = DType::kF32;
  std::span<const int64_t> sizes;
  std::span<const int64_t> strides;  // elements; as many as sizes

  int64_t numel() const { return numel_of(sizes); }
};

// Its elements. Axes that step evenly are merged where there are more than kMaxRank; throws where too many are left.
LINESHAFT_EXPORT TensorView view_of(const TensorRef& tensor);
// The same, broadcast to `sizes`. Throws where the tensor does not broadcast to them, and for more than kMaxRank.
LINESHAFT_EXPORT TensorView view_of(const TensorRef& tensor, std::span<const int64_t> sizes);

}  // namespace lineshaft::frontend
