// The functions on rows of scores that attention uses between its products.
#pragma once

#include <cstdint>

#include "lineshaft/tensor/dtype.h"

namespace lineshaft::cpu {

// The running softmax of one query: the largest score so far and the sum of exp(score - largest).
template <class T>
struct SoftmaxState {
  T largest;
  T sum;
};

// The parameters of dropout for a row. Element j uses Philox with key `seed` and counter `counter` + j.
struct DropoutRow {
  uint64_t seed;
  uint64_t counter;
  double probability;  // compared as f32
};

template <class T>
struct AttentionRows {
  // scores += mask, or -inf where a bool mask is false.
  void (*mask)(T* scores, DType dtype, const void* mask, int64_t stride, int64_t count);
  // Updates the state and sets scores = exp(scores - largest). Returns the factor by which earlier sums must be
  // multiplied.
  T (*softmax)(T* scores, int64_t count, SoftmaxState<T>* state);
  // scores = exp(scores - logsumexp); zeros where logsumexp is -inf.
  void (*probabilities)(T* scores, int64_t count, T logsumexp);
  // factors = 1 / (1 - probability) where kept, else 0.
  void (*dropout)(T* factors, int64_t count, const DropoutRow& row);
  void (*multiply)(T* values, const T* factors, int64_t count);
  // p, dp become p * factors, p * (dp * factors - delta). factors may be null, which means 1.
  void (*gradient)(T* p, T* dp, const T* factors, T delta, int64_t count);
  void (*scale)(T* values, T factor, int64_t count);
  T (*dot)(const T* a, const T* b, int64_t count);
};

}  // namespace lineshaft::cpu
