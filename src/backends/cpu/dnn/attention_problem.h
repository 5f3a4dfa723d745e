// Attention over memory whose rows are contiguous and have the computing type, for the forward and the backward pass.
#pragma once

#include <algorithm>
#include <span>

#include "backends/cpu/context.h"
#include "backends/cpu/dnn/gemm_spaces.h"
#include "backends/cpu/dnn/loops.h"
#include "backends/cpu/parallel.h"

namespace lineshaft::cpu {

// [B, H, rows, columns] with unit stride along the columns.
template <class T>
struct HeadRows {
  T* data = nullptr;
  int64_t batch = 0, head = 0, row = 0;  // strides in elements

  T* at(int64_t b, int64_t h, int64_t i) const { return data + b * batch + h * head + i * row; }
};

template <class T>
struct AttentionProblem {
  int64_t batches, heads, queries, keys, depth, values;
  AttentionParams params;
  HeadRows<const T> query, key, value;
  const TensorView* mask = nullptr;  // null: none
  const std::byte* mask_data = nullptr;

  const AttentionRows<T>& rows() const { return loops().attention<T>(); }
  // The number of keys that are visible to a block of queries that ends before `end`.
  int64_t visible_keys(int64_t end) const {
    return params.causal ? std::clamp<int64_t>(end + keys - queries, 0, keys) : keys;
  }
  // Adds the mask to one row of scores, for keys first..first+count, and sets scores of keys after the query's position
  // to -inf if attention is causal.
  void hide(T* scores, int64_t b, int64_t h, int64_t i, int64_t first, int64_t count) const;
  DropoutRow dropout_row(int64_t b, int64_t h, int64_t i, int64_t first) const {
    uint64_t element = ((static_cast<uint64_t>(b) * heads + h) * queries + i) * keys + first;
    return {static_cast<uint64_t>(params.seed), static_cast<uint64_t>(params.offset) + element, params.dropout};
  }
};

// The problem for the views of an attention. Views of 16-bit types, and views without contiguous rows, are copied to
// scratch.
template <class T>
AttentionProblem<T> attention_problem(Context& context, const TensorView& query, const TensorView& key,
                                      const TensorView& value, const TensorView& mask, const AttentionParams& params);
template <class T>
HeadRows<const T> head_rows(Context& context, const TensorView& view);

// The memory for a result in the computing type: the view's own memory, or scratch that finish() converts to the view.
template <class T>
class HeadResult {
 public:
  HeadResult(Context& context, const TensorView& view);
  const HeadRows<T>& rows() const { return rows_; }
  void finish();

 private:
  TensorView view_;
  std::byte* memory_;
  HeadRows<T> rows_;
  bool direct_;
};

// The memory that multiply_block needs for each thread; null for f32, which needs none.
template <class T>
GemmSpace* block_spaces(Context& context) {
  return sizeof(T) == 8 ? gemm_spaces(context) : nullptr;
}

// c (+)= alpha a b, row-major; a is [m, k] or, transposed, [k, m]; b is [k, n] or, transposed, [n, k]. It runs on the
// threads that are free; `spaces` has one entry for each thread.
template <class T>
struct BlockProduct {
  int64_t m, n, k;
  T alpha;
  const T* a;
  int64_t a_row;
  bool a_transposed;
  const T* b;
  int64_t b_row;
  bool b_transposed;
  bool add;
  T* c;
  int64_t c_row;
};
void multiply_block(GemmSpace* spaces, const BlockProduct<float>& p);
void multiply_block(GemmSpace* spaces, const BlockProduct<double>& p);

// Calls f(b, h, slot) for every head. Where there are at least as many heads as threads, heads run in parallel; else
// one after another, so that each can use all threads. Heads that run at the same time have different slots, as in
// parallel_for_slots.
template <class F>
void for_each_head(int64_t batches, int64_t heads, F&& f) {
  int64_t count = batches * heads;
  if (count < thread_count()) {
    for (int64_t i = 0; i < count; ++i) f(i / heads, i % heads, 0);
    return;
  }
  parallel_for_slots(count, 1, [&](int slot, int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) f(i / heads, i % heads, slot);
  });
}

}  // namespace lineshaft::cpu
