// What the convolution family shares: sizes, slices of the windows that bound the scratch memory, and operands as
// matrices.
#pragma once

#include <vector>

#include "backends/vulkan/ops/gemm.h"
#include "backends/vulkan/ops/slices.h"
#include "backends/vulkan/planning/conv_shape.h"

namespace lineshaft::vulkan {

struct ConvPlan : ConvShape {
  // `operands`: the dtype of the two that are multiplied.
  ConvPlan(Context& context, const TensorView& input, const TensorView& weight, const TensorView& output,
           const ConvGeometry& geometry, DType operands, const char* name);

  Context& context;
  // In slices of the device's scratch.
  std::vector<ConvSlice> slices(int64_t rows, bool whole = false) const {
    return slices_within(context.slice_bytes(), rows, whole);
  }
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
};

}  // namespace lineshaft::vulkan
