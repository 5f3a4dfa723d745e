// What attention and its gradient share: operands as batches of matrices, scores, dropout. Scores are kept in scratch.
#pragma once

#include "backends/vulkan/gemm.h"

namespace lineshaft::vulkan {

class AttentionPlan {
 public:
  AttentionPlan(Context& context, const TensorView& query, const TensorView& key, const TensorView& value,
                const TensorView& mask, const AttentionParams& params, const char* name);

  // a b, with either transposed, over all batches and heads: [B * H, rows, inner] x [B * H, inner, columns].
  struct Matrix {
    TensorView view;  // dense [B, H, r, c]
    bool transposed = false;
  };
  void multiply_into(const Matrix& a, const Matrix& b, const TensorView& target);
  // scale * q k^T + mask, -inf where masked.
  TensorView scores();
  // Zeroes what dropout drops and scales the rest. Nothing without dropout.
  void drop(const TensorView& values);
  TensorView dense(const TensorView& view) { return context.dense(view, type); }

  Context& context;
  DType type;
  int64_t batch, heads, queries, keys;
  TensorView query, key, value;  // dense, of `type`
  TensorView mask;
  AttentionParams params;
};

}  // namespace lineshaft::vulkan
