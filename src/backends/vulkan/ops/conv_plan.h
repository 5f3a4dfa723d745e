// The common parts of convolutions and their gradients: sizes, slices of the windows, which limit the scratch memory,
// and operands as matrices.
#pragma once

#include <vector>

#include "backends/vulkan/ops/gemm.h"
#include "backends/vulkan/ops/slices.h"
#include "backends/vulkan/planning/conv_shape.h"

namespace lineshaft::vulkan {

struct ConvPlan : ConvShape {
  // `operands` is the dtype of the two tensors that are multiplied.
  ConvPlan(Context& context, const TensorView& input, const TensorView& weight, const TensorView& output,
           const ConvGeometry& geometry, DType operands, const char* name);

  Context& context;
  // Slices whose scratch fits in Context::slice_bytes().
  std::vector<ConvSlice> slices(int64_t rows, bool whole = false) const {
    return slices_within(context.slice_bytes(), rows, whole);
  }
  // The input in the operand type, for the kernel that packs windows. It may have any strides.
  TensorView source(const TensorView& input) const {
    return input.dtype == operand ? input : context.dense(input, operand);
  }
  // Packs the slice's windows as a matrix. `source` is what source() gave.
  Packed pack(const TensorView& source, int64_t group, const ConvSlice& slice, const WindowGeometry& geometry,
              bool transposed) const {
    return pack_windows(
        context,
        {narrowed(source, 0, slice.image, slice.images), group * channels, channels, slice.first, slice.windows()},
        geometry, transposed);
  }
};

}  // namespace lineshaft::vulkan
