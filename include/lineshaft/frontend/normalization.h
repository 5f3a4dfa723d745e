// Layer, RMS and group normalization as the operation `normalize` (ops/normalize.h) takes them: the memory of dense,
// row-major tensors under other sizes and strides. The view of an absent tensor is absent.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/tensor/tensor_view.h"

namespace lineshaft::frontend {

// Layer and RMS normalization: a tensor's last axes are normalized. It is seen as [rows, elements].
struct LINESHAFT_EXPORT NormalizedRows {
  static constexpr uint8_t kAxes = 1 << 1;
  int64_t count = 1, length = 1;

  // The last `normalized` axes of a tensor of these sizes.
  NormalizedRows(std::span<const int64_t> sizes, size_t normalized);
  TensorView view(const TensorView& tensor) const;       // of the input's sizes
  TensorView parameter(const TensorView& tensor) const;  // one number an element of a row
  TensorView statistic(const TensorView& tensor) const;  // one number a row
  TensorView summed(const TensorView& tensor) const;     // a parameter's gradient
};

// Group normalization: [N, C, spatial...] is seen as [N, groups, C / groups, positions].
struct LINESHAFT_EXPORT NormalizedGroups {
  static constexpr uint8_t kAxes = 1 << 2 | 1 << 3;
  int64_t images = 0, channels = 0, positions = 0;
  int64_t groups = 1;  // divides the channels

  TensorView view(const TensorView& tensor) const;       // of the input's sizes
  TensorView parameter(const TensorView& tensor) const;  // one number a channel
  TensorView statistic(const TensorView& tensor) const;  // one number an image and group
  TensorView summed(const TensorView& tensor) const;     // a parameter's gradient

 private:
  int64_t width() const { return channels / groups; }
};

}  // namespace lineshaft::frontend
