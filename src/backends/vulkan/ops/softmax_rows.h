// Softmax along the last axis of dense tensors, shared with attention.
#pragma once

#include "backends/vulkan/device/context.h"

namespace lineshaft::vulkan {

enum class SoftmaxKind : uint8_t { kPlain, kLog, kAttention };
// `logsumexp`, [rows], is for kAttention only and else absent. `output` may be `input`.
void softmax_rows(Context& context, SoftmaxKind kind, const TensorView& input, const TensorView& output,
                  const TensorView& logsumexp, int64_t rows, int64_t length);
// The gradient of kPlain or kLog; `result` is the output of the forward pass.
void softmax_rows_grad(Context& context, SoftmaxKind kind, const TensorView& gradient, const TensorView& result,
                       const TensorView& output, int64_t rows, int64_t length);

}  // namespace lineshaft::vulkan
