// The sizes of a convolution or its gradient, its slices, and its operands as matrices.
#pragma once

#include <vector>

#include "backends/vulkan/planning/matrices.h"

namespace lineshaft::vulkan {

// Windows that are processed together: all windows of some images, or some windows of one image.
struct ConvSlice {
  int64_t image, images;
  int64_t first, count;  // windows of each image
  int64_t windows() const { return images * count; }
};

struct ConvShape {
  // `f32_operand` is the dtype in which the two multiplied tensors are packed where the computation is in f32.
  ConvShape(const TensorView& input, const TensorView& weight, const TensorView& output, const ConvGeometry& geometry,
            DType f32_operand);

  DType type;     // of the computation
  DType operand;  // the dtype in which the operands are packed
  int64_t images;
  int64_t groups;
  int64_t channels;  // of a group
  int64_t filters;   // of a group
  int64_t taps;      // of a channel
  int64_t windows;   // of an image

  int64_t elements() const { return channels * taps; }
  // Slices that cover all windows, in order. `bytes` is the most scratch that a slice should take, `rows` the scratch
  // elements of the operand type for each window. With `whole`, slices have only whole images.
  std::vector<ConvSlice> slices_within(int64_t bytes, int64_t rows, bool whole) const;
  MatrixSource weight_rows(const TensorView& weight, int64_t group) const;  // [filter][element]
  // [element][filter] of some channels
  MatrixSource weight_columns(const TensorView& weight, int64_t group, int64_t channel, int64_t count) const;
  // A dense gradient as a matrix of filters by windows.
  MatrixSource gradient_columns(const TensorView& gradient, int64_t group, const ConvSlice& slice) const;
  MatrixSource gradient_rows(const TensorView& gradient, int64_t group, const ConvSlice& slice) const;
};

}  // namespace lineshaft::vulkan
