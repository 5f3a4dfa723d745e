// A framework's tensor as an argument of this layer: its buffer, and sizes and strides of any rank. It owns nothing;
// the caller keeps sizes and strides alive.
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

// The tensor as a view. Where it has more than kMaxRank axes, axes that are contiguous with each other are merged;
// throws Error(kInvalidArgument) where more than kMaxRank are left.
LINESHAFT_EXPORT TensorView view_of(const TensorRef& tensor);
// The tensor as a view that is broadcast to `sizes`. Throws Error(kInvalidArgument) where it does not broadcast to
// them, and for more than kMaxRank sizes.
LINESHAFT_EXPORT TensorView view_of(const TensorRef& tensor, std::span<const int64_t> sizes);

}  // namespace lineshaft::frontend
