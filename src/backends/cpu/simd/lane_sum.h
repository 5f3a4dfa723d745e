// Sums in the order of reduce_kernels.h: value i of a block goes to lane i % 16, lanes fold pairwise, blocks add up in
// f64.
#pragma once

#include "backends/cpu/simd/reduce_kernels.h"
#include "backends/cpu/simd/vector.h"

namespace lineshaft::cpu {
namespace {

inline constexpr int kLaneCount = 16;

template <class T, int n>
inline void fold_lanes(T* lanes, int64_t cols, auto apply) {
  for (int half = n / 2; half > 0; half /= 2)
    for (int l = 0; l < half; ++l) {
      T* __restrict low = lanes + l * cols;
      const T* high = lanes + (l + half) * cols;
      for (int64_t c = 0; c < cols; ++c) low[c] = apply(low[c], high[c]);
    }
}

// The sum of at most a block.
template <class T>
inline T lane_sum(const T* v, int64_t n) {
  constexpr int kVectors = kLaneCount / kLanes<T>;
  Vec<T> acc[kVectors] = {};
  int64_t i = 0;
  for (; i + kLaneCount <= n; i += kLaneCount)
    for (int k = 0; k < kVectors; ++k) acc[k] += load(v + i + k * kLanes<T>);
  alignas(64) T lanes[kLaneCount];
  for (int k = 0; k < kVectors; ++k) store(lanes + k * kLanes<T>, acc[k]);
  for (int l = 0; i < n; ++i, ++l) lanes[l] += v[i];
  fold_lanes<T, kLaneCount>(lanes, 1, [](T a, T b) { return a + b; });
  return lanes[0];
}

// The sums of columns, which are added row after row. `total` has `cols` values, `lanes` 16 * `cols`.
template <class T>
class ColumnSum {
 public:
  ColumnSum(double* total, T* lanes, int64_t cols) : total_(total), lanes_(lanes), cols_(cols) {
    for (int64_t c = 0; c < cols; ++c) total[c] = 0;
    clear();
  }
  void add(int64_t row, const T* v) {
    if (row && row % kReduceBlock == 0) finish(), clear();
    T* __restrict acc = lanes_ + row % kLaneCount * cols_;
    for (int64_t c = 0; c < cols_; ++c) acc[c] += v[c];
  }
  void finish() {
    fold_lanes<T, kLaneCount>(lanes_, cols_, [](T a, T b) { return a + b; });
    for (int64_t c = 0; c < cols_; ++c) total_[c] += static_cast<double>(lanes_[c]);
  }

 private:
  void clear() {
    for (int64_t c = 0; c < cols_ * kLaneCount; ++c) lanes_[c] = 0;
  }
  double* total_;
  T* lanes_;
  int64_t cols_;
};

}  // namespace
}  // namespace lineshaft::cpu
