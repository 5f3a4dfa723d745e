// The numbers of a convolution or its gradient, its slices, and its operands as matrices.
#pragma once

#include <vector>

#include "backends/vulkan/planning/matrices.h"

namespace lineshaft::vulkan {

// Windows that are worked on together: all of some images, or some of one.
struct ConvSlice {
  int64_t image, images;
  int64_t first, count;  // windows of each image
  int64_t windows() const { return images * count; }
};

struct ConvShape {
  // `f32_operand`: in what the two that are multiplied are packed where they are computed in f32.
  ConvShape(const TensorView& input, const TensorView& weight, const TensorView& output, const ConvGeometry& geometry,
            DType f32_operand);

  DType type;     // of the computation
  DType operand;  // in which the operands are packed
  int64_t images;
  int64_t groups;
  int64_t channels;  // of a group
  int64_t filters;   // of a group
  int64_t taps;      // of a channel
  int64_t windows;   // of an image

  int64_t elements() const { return channels * taps; }
  // All windows, in order. `bytes`: what a slice should take at most. `rows`: scratch elements of the operand type that
  // a window takes. `whole`: of whole images only.
  std::vector<ConvSlice> slices_within(int64_t bytes, int64_t rows, bool whole) const;
  MatrixSource weight_rows(const TensorView& weight, int64_t group) const;  // [filter][element]
  // [element][filter] of some channels
  MatrixSource weight_columns(const TensorView& weight, int64_t group, int64_t channel, int64_t count) const;
  // Of a dense gradient: filters by windows.
  MatrixSource gradient_columns(const TensorView& gradient, int64_t group, const ConvSlice& slice) const;
  MatrixSource gradient_rows(const TensorView& gradient, int64_t group, const ConvSlice& slice) const;
};

}  // namespace lineshaft::vulkan
