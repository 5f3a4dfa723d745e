#include "lineshaft/ops/attention.h"

#include <cmath>
#include <limits>

#include "backends/cpu/dnn/attention_problem.h"

namespace lineshaft::cpu {
namespace {

constexpr int64_t kForwardQueries = 128, kForwardKeys = 512;  // of a block: its scores stay in L2

// What one thread works in.
template <class T>
struct ForwardSpace {
  T* scores;   // [kForwardQueries, kForwardKeys]
  T* factors;  // of dropout; null without
  SoftmaxState<T>* states;
  GemmSpace* products;
};

template <class T>
struct Forward {
  const AttentionProblem<T>& p;
  const HeadRows<T>& output;
  T* logsumexp;
  const TensorView& logsumexp_view;

  // One block of queries against one block of keys.
  void add_block(const ForwardSpace<T>& space, int64_t b, int64_t h, int64_t query, int64_t queries, int64_t key,
                 int64_t keys) const {
    multiply_block(space.products,
                   {queries, keys, p.depth, static_cast<T>(p.params.scale), p.query.at(b, h, query), p.query.row, false,
                    p.key.at(b, h, key), p.key.row, true, false, space.scores, keys});
    parallel_for(queries, std::max<int64_t>(1, 4096 / keys), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        T* scores = space.scores + i * keys;
        p.hide(scores, b, h, query + i, key, keys);
        T correction = p.rows().softmax(scores, keys, &space.states[i]);
        if (key > 0 && correction != 1) p.rows().scale(output.at(b, h, query + i), correction, p.values);
        if (!space.factors) continue;
        T* factors = space.factors + i * keys;
        p.rows().dropout(factors, keys, p.dropout_row(b, h, query + i, key));
        p.rows().multiply(scores, factors, keys);
      }
    });
    multiply_block(space.products, {queries, p.values, keys, T{1}, space.scores, keys, false, p.value.at(b, h, key),
                                    p.value.row, false, key > 0, output.at(b, h, query), output.row});
  }

  void finish_block(const ForwardSpace<T>& space, int64_t b, int64_t h, int64_t query, int64_t queries,
                    bool any) const {
    for (int64_t i = 0; i < queries; ++i) {
      const SoftmaxState<T>& state = space.states[i];
      T* row = output.at(b, h, query + i);
      if (any && state.sum != 0)
        p.rows().scale(row, 1 / state.sum, p.values);
      else
        std::fill_n(row, p.values, T{0});
      T* log = logsumexp + b * logsumexp_view.strides[0] + h * logsumexp_view.strides[1] +
               (query + i) * logsumexp_view.strides[2];
      *log = state.sum == 0 ? -std::numeric_limits<T>::infinity() : state.largest + std::log(state.sum);
    }
  }

  void head(const ForwardSpace<T>& space, int64_t b, int64_t h) const {
    for (int64_t query = 0; query < p.queries; query += kForwardQueries) {
      int64_t queries = std::min(kForwardQueries, p.queries - query), visible = p.visible_keys(query + queries);
      std::fill_n(space.states, queries, SoftmaxState<T>{-std::numeric_limits<T>::infinity(), 0});
      for (int64_t key = 0; key < visible; key += kForwardKeys)
        add_block(space, b, h, query, queries, key, std::min(kForwardKeys, visible - key));
      finish_block(space, b, h, query, queries, visible > 0);
    }
  }
};

template <class T>
void attend(Context& context, const Attention& op) {
  AttentionProblem<T> problem = attention_problem<T>(context, op.query, op.key, op.value, op.mask, op.params);
  HeadResult<T> result(context, op.output);
  std::vector<ForwardSpace<T>> spaces(thread_count());
  int64_t block = kForwardQueries * std::clamp<int64_t>(problem.keys, 1, kForwardKeys);
  GemmSpace* products = block_spaces<T>(context);
  for (size_t slot = 0; slot < spaces.size(); ++slot)
    spaces[slot] = {context.scratch<T>(block), op.params.dropout > 0 ? context.scratch<T>(block) : nullptr,
                    context.scratch<SoftmaxState<T>>(kForwardQueries), products ? products + slot : nullptr};
  Forward<T> forward{problem, result.rows(), context.data<T>(op.logsumexp), op.logsumexp};
  for_each_head(problem.batches, problem.heads,
                [&](int64_t b, int64_t h, int slot) { forward.head(spaces[slot], b, h); });
  result.finish();
}

}  // namespace

void run(Context& context, const Attention& op) {
  if (op.logsumexp.numel() == 0) return;
  if (op.query.dtype == DType::kF64)
    attend<double>(context, op);
  else
    attend<float>(context, op);
}

}  // namespace lineshaft::cpu
