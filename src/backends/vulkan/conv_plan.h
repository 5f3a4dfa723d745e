// What the convolution family shares: sizes, chunks of images that bound the scratch memory, and operands as matrices.
#pragma once

#include "backends/vulkan/gemm.h"

namespace lineshaft::vulkan {

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
  int64_t chunk;     // images at a time

  int64_t elements() const { return channels * taps; }
  // The input as the window kernel reads it: of the operand type, with its own strides.
  TensorView source(const TensorView& input) const {
    return input.dtype == operand ? input : context.dense(input, operand);
  }
  MatrixSource weight_rows(const TensorView& weight, int64_t group) const;     // [filter][element]
  MatrixSource weight_columns(const TensorView& weight, int64_t group) const;  // [element][filter]
  // Of a dense gradient: filters by windows.
  MatrixSource gradient_columns(const TensorView& gradient, int64_t group, int64_t image, int64_t count) const;
  MatrixSource gradient_rows(const TensorView& gradient, int64_t group, int64_t image, int64_t count) const;
};

}  // namespace lineshaft::vulkan
