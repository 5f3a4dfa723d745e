#include "lineshaft/ops/attention_grad.h"

#include <cmath>
#include <limits>

#include "backends/cpu/dnn/attention_problem.h"

namespace lineshaft::cpu {
namespace {

constexpr int64_t kBackwardQueries = 256, kBackwardKeys = 256;  // of a block: its scores and their gradients stay in L2

// What one thread works in.
template <class T>
struct BackwardSpace {
  T* p;                     // [kBackwardQueries, kBackwardKeys]: scores, then probabilities
  T* dp;                    // their gradients
  T* factors;               // of dropout; null without
  T* delta;                 // [queries]: rowsum(grad_output * output)
  SoftmaxState<T>* states;  // [queries]: of the rows whose logsumexp is large
  GemmSpace* products;
};

// Where scores are as large as this, logsumexp has lost bits of the sum: in a row whose mask is the dtype's minimum
// everywhere, all of them. The row's largest score and its sum are then taken anew.
template <class T>
bool is_large(T logsumexp) {
  return std::abs(logsumexp) > T{256} && std::isfinite(logsumexp);
}

template <class T>
struct Backward {
  const AttentionProblem<T>& p;
  HeadRows<const T> grad_output, output;
  const T* logsumexp;
  const TensorView& logsumexp_view;
  HeadRows<T> grad_query, grad_key, grad_value;  // null data: not wanted

  static void clear(const HeadRows<T>& rows, int64_t b, int64_t h, int64_t count, int64_t columns) {
    if (!rows.data) return;
    for (int64_t i = 0; i < count; ++i) std::fill_n(rows.at(b, h, i), columns, T{0});
  }

  T logsumexp_at(int64_t b, int64_t h, int64_t i) const {
    return logsumexp[b * logsumexp_view.strides[0] + h * logsumexp_view.strides[1] + i * logsumexp_view.strides[2]];
  }

  void find_states(const BackwardSpace<T>& s, int64_t b, int64_t h, int64_t query, int64_t queries) const {
    bool any = false;
    for (int64_t i = query; i < query + queries; ++i) any |= is_large(logsumexp_at(b, h, i));
    if (!any) return;
    std::fill_n(s.states + query, queries, SoftmaxState<T>{-std::numeric_limits<T>::infinity(), 0});
    int64_t visible = p.visible_keys(query + queries);
    for (int64_t key = 0; key < visible; key += kBackwardKeys) {
      int64_t keys = std::min(kBackwardKeys, visible - key);
      multiply_block(s.products, {queries, keys, p.depth, static_cast<T>(p.params.scale), p.query.at(b, h, query),
                                  p.query.row, false, p.key.at(b, h, key), p.key.row, true, false, s.p, keys});
      for (int64_t i = 0; i < queries; ++i) {
        if (!is_large(logsumexp_at(b, h, query + i))) continue;
        p.hide(s.p + i * keys, b, h, query + i, key, keys);
        p.rows().softmax(s.p + i * keys, keys, &s.states[query + i]);
      }
    }
  }

  // Scores of row i become probabilities.
  void normalize_row(const BackwardSpace<T>& s, T* row, int64_t keys, int64_t b, int64_t h, int64_t i) const {
    T sum = logsumexp_at(b, h, i);
    if (is_large(sum)) {
      const SoftmaxState<T>& state = s.states[i];
      for (int64_t j = 0; j < keys; ++j) row[j] -= state.largest;
      sum = std::log(state.sum);
    }
    p.rows().probabilities(row, keys, sum);
  }

  void fill_rows(const BackwardSpace<T>& s, int64_t b, int64_t h, int64_t query, int64_t queries, int64_t key,
                 int64_t keys) const {
    parallel_for(queries, std::max<int64_t>(1, 4096 / keys), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        T* row = s.p + i * keys;
        p.hide(row, b, h, query + i, key, keys);
        normalize_row(s, row, keys, b, h, query + i);
        T* factors = s.factors ? s.factors + i * keys : nullptr;
        if (factors) p.rows().dropout(factors, keys, p.dropout_row(b, h, query + i, key));
        p.rows().gradient(row, s.dp + i * keys, factors, s.delta[query + i], keys);
      }
    });
  }

  void add_block(const BackwardSpace<T>& s, int64_t b, int64_t h, int64_t query, int64_t queries, int64_t key,
                 int64_t keys) const {
    const T* q = p.query.at(b, h, query);
    const T* k = p.key.at(b, h, key);
    const T* g = grad_output.at(b, h, query);
    T scale = static_cast<T>(p.params.scale);
    multiply_block(s.products,
                   {queries, keys, p.depth, scale, q, p.query.row, false, k, p.key.row, true, false, s.p, keys});
    multiply_block(s.products, {queries, keys, p.values, T{1}, g, grad_output.row, false, p.value.at(b, h, key),
                                p.value.row, true, false, s.dp, keys});
    fill_rows(s, b, h, query, queries, key, keys);
    if (grad_value.data)
      multiply_block(s.products, {keys, p.values, queries, T{1}, s.p, keys, true, g, grad_output.row, false, true,
                                  grad_value.at(b, h, key), grad_value.row});
    if (grad_query.data)
      multiply_block(s.products, {queries, p.depth, keys, scale, s.dp, keys, false, k, p.key.row, false, true,
                                  grad_query.at(b, h, query), grad_query.row});
    if (grad_key.data)
      multiply_block(s.products, {keys, p.depth, queries, scale, s.dp, keys, true, q, p.query.row, false, true,
                                  grad_key.at(b, h, key), grad_key.row});
  }

  void head(const BackwardSpace<T>& s, int64_t b, int64_t h) const {
    clear(grad_query, b, h, p.queries, p.depth);
    clear(grad_key, b, h, p.keys, p.depth);
    clear(grad_value, b, h, p.keys, p.values);
    for (int64_t i = 0; i < p.queries; ++i)
      s.delta[i] = p.values ? p.rows().dot(grad_output.at(b, h, i), output.at(b, h, i), p.values) : T{0};
    for (int64_t query = 0; query < p.queries; query += kBackwardQueries)
      find_states(s, b, h, query, std::min(kBackwardQueries, p.queries - query));
    for (int64_t key = 0; key < p.keys; key += kBackwardKeys)
      for (int64_t query = 0; query < p.queries; query += kBackwardQueries) {
        int64_t queries = std::min(kBackwardQueries, p.queries - query);
        int64_t keys = std::min(kBackwardKeys, p.visible_keys(query + queries) - key);
        if (keys > 0) add_block(s, b, h, query, queries, key, keys);
      }
  }
};

template <class T>
void attend_back(Context& context, const AttentionGrad& op) {
  AttentionProblem<T> problem = attention_problem<T>(context, op.query, op.key, op.value, op.mask, op.params);
  Backward<T> backward{problem, head_rows<T>(context, op.grad_output), head_rows<T>(context, op.output),
                       op.logsumexp.numel() ? context.data<T>(op.logsumexp) : nullptr, op.logsumexp};
  std::vector<HeadResult<T>> results;
  for (auto [view, rows] : {std::pair{&op.grad_query, &backward.grad_query},
                            {&op.grad_key, &backward.grad_key},
                            {&op.grad_value, &backward.grad_value}})
    if (*view && view->numel() > 0) *rows = results.emplace_back(context, *view).rows();
  std::vector<BackwardSpace<T>> spaces(thread_count());
  int64_t block =
      std::clamp<int64_t>(problem.queries, 1, kBackwardQueries) * std::clamp<int64_t>(problem.keys, 1, kBackwardKeys);
  GemmSpace* products = block_spaces<T>(context);
  for (size_t slot = 0; slot < spaces.size(); ++slot)
    spaces[slot] = {context.scratch<T>(block),
                    context.scratch<T>(block),
                    op.params.dropout > 0 ? context.scratch<T>(block) : nullptr,
                    context.scratch<T>(problem.queries),
                    context.scratch<SoftmaxState<T>>(problem.queries),
                    products ? products + slot : nullptr};
  for_each_head(problem.batches, problem.heads,
                [&](int64_t b, int64_t h, int slot) { backward.head(spaces[slot], b, h); });
  for (HeadResult<T>& result : results) result.finish();
}

}  // namespace

void run(Context& context, const AttentionGrad& op) {
  if (op.query.dtype == DType::kF64)
    attend_back<double>(context, op);
  else
    attend_back<float>(context, op);
}

}  // namespace lineshaft::cpu
