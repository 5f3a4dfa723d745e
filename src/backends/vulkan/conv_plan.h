// What the convolution family shares: sizes, slices of the windows that bound the scratch memory, and operands as
// matrices.
#pragma once

#include <vector>

#include "backends/vulkan/gemm.h"
#include "backends/vulkan/slices.h"

namespace lineshaft::vulkan {

// Windows that are worked on together: all of some images, or some of one.
struct ConvSlice {
  int64_t image, images;
  int64_t first, count;  // windows of each image
  int64_t windows() const { return images * count; }
};

struct ConvPlan {
  // `operands`: the dtype of the two that are multiplied.
  ConvPlan(Context& context, const TensorView& input, const TensorView& weight, const TensorView& output,
           const ConvGeometry& geometry, DType operands, const char* name);

  Context& context;
  DType type;     // of the computation
  DType operand;  // in which the operands are packed
  int64_t images;
  int64_t groups;
  int64_t channels;  // of a group
  int64_t filters;   // of a group
  int64_t taps;      // of a channel
  int64_t windows;   // of an image

  int64_t elements() const { return channels * taps; }
  // All windows, in order. `rows`: scratch elements of the operand type that a window takes. `whole`: of whole images
  // only.
  std::vector<ConvSlice> slices(int64_t rows, bool whole = false) const;
  // The input as the window kernel reads it: of the operand type, with its own strides.
  TensorView source(const TensorView& input) const {
    return input.dtype == operand ? input : context.dense(input, operand);
  }
  // The slice's windows as a matrix, from a source.
  Packed pack(const TensorView& source, int64_t group, const ConvSlice& slice, const WindowGeometry& geometry,
              bool transposed) const {
    return pack_windows(
        context,
        {narrowed(source, 0, slice.image, slice.images), group * channels, channels, slice.first, slice.windows()},
        geometry, transposed);
  }
  MatrixSource weight_rows(const TensorView& weight, int64_t group) const;  // [filter][element]
  // [element][filter] of some channels
  MatrixSource weight_columns(const TensorView& weight, int64_t group, int64_t channel, int64_t count) const;
  // Of a dense gradient: filters by windows.
  MatrixSource gradient_columns(const TensorView& gradient, int64_t group, const ConvSlice& slice) const;
  MatrixSource gradient_rows(const TensorView& gradient, int64_t group, const ConvSlice& slice) const;
};

}  // namespace lineshaft::vulkan
