// Layer, RMS, group and batch normalization as the operation `normalize` (ops/normalize.h) takes them. For the first
// three, the memory of dense, row-major tensors under other sizes and strides; batch normalization takes any strides.
// The view of an absent tensor is absent.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/tensor/tensor_view.h"

namespace lineshaft::frontend {

// Layer and RMS normalization, over the last axes of a tensor. The tensor is viewed as [rows, elements].
struct LINESHAFT_EXPORT NormalizedRows {
  static constexpr uint8_t kAxes = 1 << 1;
  int64_t count = 1, length = 1;

  // For a tensor of these sizes, whose last `normalized` axes are normalized.
  NormalizedRows(std::span<const int64_t> sizes, size_t normalized);
  TensorView view(const TensorView& tensor) const;       // a tensor of the input's sizes
  TensorView parameter(const TensorView& tensor) const;  // a weight or bias: one number for each element of a row
  TensorView statistic(const TensorView& tensor) const;  // mean or rstd: one number for each row
  TensorView summed(const TensorView& tensor) const;     // the gradient of a weight or bias
};

// Group normalization: [N, C, spatial...] is viewed as [N, groups, C / groups, positions].
struct LINESHAFT_EXPORT NormalizedGroups {
  static constexpr uint8_t kAxes = 1 << 2 | 1 << 3;
  int64_t images = 0, channels = 0, positions = 0;
  int64_t groups = 1;  // divides the channels

  TensorView view(const TensorView& tensor) const;       // a tensor of the input's sizes
  TensorView parameter(const TensorView& tensor) const;  // one number a channel
  TensorView statistic(const TensorView& tensor) const;  // one number an image and group
  TensorView summed(const TensorView& tensor) const;     // the gradient of a weight or bias

 private:
  int64_t width() const { return channels / groups; }
};

// Batch normalization: all axes of the input but the channels' are normalized. The input keeps its sizes and strides.
struct LINESHAFT_EXPORT NormalizedChannels {
  TensorView input;
  int axis = 1;  // of the channels

  uint8_t axes() const;
  TensorView parameter(const TensorView& vector) const;  // one number a channel
  TensorView statistic(const TensorView& vector) const;  // one number a channel
  TensorView summed(const TensorView& vector) const;     // a parameter's gradient
};

}  // namespace lineshaft::frontend
