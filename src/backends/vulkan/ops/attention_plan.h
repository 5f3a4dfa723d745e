// The common parts of attention and its gradient: operands as batches of matrices, scores, dropout. Scores are stored
// in scratch.
#pragma once

#include "backends/vulkan/ops/gemm.h"
#include "backends/vulkan/ops/slices.h"
#include "backends/vulkan/planning/attention_parts.h"

namespace lineshaft::vulkan {

class AttentionPlan {
 public:
  AttentionPlan(Context& context, const TensorView& query, const TensorView& key, const TensorView& value,
                const TensorView& mask, const AttentionParams& params, const char* name);

  // Computes a b over all batches and heads, [B * H, rows, inner] x [B * H, inner, columns], where a and b may be
  // transposed.
  struct Matrix {
    TensorView view;  // dense [B, H, r, c]
    bool transposed = false;
  };
  void multiply_into(const Matrix& a, const Matrix& b, const TensorView& target);
  // Computes scale * q k^T + mask, with -inf where a score is masked.
  TensorView scores();
  // Sets elements that dropout drops to 0 and scales the others. Does nothing without dropout.
  void drop(const TensorView& values);
  TensorView dense(const TensorView& view) { return context.dense(view, type); }

  Context& context;
  DType type;
  int64_t batch, heads, queries, keys;
  TensorView query, key, value;  // dense, of `type`
  TensorView mask;
  AttentionParams params;
};

// Runs attention or its gradient in slices: whole batches, or some heads of one batch. `matrices` is how many scratch
// matrices of the scores' size each head takes.
template <class Op, class Run>
void attention_in_slices(Context& context, const Op& op, int64_t matrices, Run&& run) {
  int64_t batches = op.query.sizes[0], heads = op.query.sizes[1];
  int64_t bytes = matrices * op.query.sizes[2] * op.key.sizes[2] * size_of(accumulate_type(op.query.dtype));
  constexpr int64_t kMost = 32768;  // matrices of one product's dispatch
  int64_t at_once = std::clamp<int64_t>(context.slice_bytes() / std::max<int64_t>(bytes, 1), 1, kMost);
  if (at_once >= batches * heads) return run(op);
  int64_t batch_step = std::max<int64_t>(at_once / heads, 1), head_step = std::min(at_once, heads);
  ScratchTurns turns(context);
  for (int64_t batch = 0; batch < batches; batch += batch_step)
    for (int64_t head = 0; head < heads; head += head_step) {
      turns.next();
      run(attention_part(
          op, HeadsOfBatches{batch, std::min(batch_step, batches - batch), head, std::min(head_step, heads - head)}));
    }
}

}  // namespace lineshaft::vulkan
