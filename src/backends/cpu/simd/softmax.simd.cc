#include <math.h>

#include "backends/cpu/simd/elementary.h"
#include "backends/cpu/simd/lane_sum.h"
#include "backends/cpu/simd/softmax_kernels.h"

namespace lineshaft::cpu {
namespace {

// out[i] = f(a[i], ...) with whole vectors, the last one padded.
template <class T, class F>
inline void transform(const T* a, T* out, int64_t n, F f) {
  int64_t i = 0;
  for (; i + kLanes<T> <= n; i += kLanes<T>) store(out + i, f(load(a + i)));
  if (i < n) store_part(out + i, f(load_part(a + i, static_cast<int>(n - i))), static_cast<int>(n - i));
}
template <class T, class F>
inline void transform(const T* a, const T* b, T* out, int64_t n, F f) {
  int64_t i = 0;
  for (; i + kLanes<T> <= n; i += kLanes<T>) store(out + i, f(load(a + i), load(b + i)));
  if (i == n) return;
  int rest = static_cast<int>(n - i);
  store_part(out + i, f(load_part(a + i, rest), load_part(b + i, rest)), rest);
}

template <class T>
T maximum(const T* x, int64_t n) {
  constexpr int L = kLanes<T>, kVectors = 4;
  auto larger = [](auto a, auto b) { return ((a > b) | (a != a)) ? a : b; };
  T best = x[0];
  int64_t i = 0;
  if (n >= L * kVectors) {
    Vec<T> acc[kVectors];
    for (int k = 0; k < kVectors; ++k) acc[k] = load(x + k * L);
    for (i = L * kVectors; i + L * kVectors <= n; i += L * kVectors)
      for (int k = 0; k < kVectors; ++k) acc[k] = larger(load(x + i + k * L), acc[k]);
    Vec<T> v = larger(larger(acc[0], acc[1]), larger(acc[2], acc[3]));
    for (int l = 0; l < L; ++l) best = larger(v[l], best);
  }
  for (; i < n; ++i) best = larger(x[i], best);
  return best;
}

template <class T>
void line(const void* input, void* output, int64_t n, bool log) {
  auto* x = static_cast<const T*>(input);
  auto* out = static_cast<T*>(output);
  T max = maximum(x, n);
  alignas(64) T kept[kReduceBlock];  // with log, x is needed again
  double sum = 0;
  for (int64_t first = 0; first < n; first += kReduceBlock) {
    int64_t count = n - first < kReduceBlock ? n - first : kReduceBlock;
    T* e = log ? kept : out + first;
    transform(x + first, e, count, [&](Vec<T> v) { return exp_of(v - max); });
    sum += static_cast<double>(lane_sum(e, count));
  }
  if (log) {
    T shift = static_cast<T>(::log(sum));
    transform(x, out, n, [&](Vec<T> v) { return v - max - shift; });
  } else {
    T scale = static_cast<T>(1 / sum);
    transform(out, out, n, [&](Vec<T> v) { return v * scale; });
  }
}

// work: maxima or sums of T, f64 totals, 16 rows of lanes.
template <class T>
struct ColumnWork {
  ColumnWork(void* work, int64_t cols)
      : total(static_cast<double*>(work)),
        lanes(reinterpret_cast<T*>(total + cols)),
        value(lanes + kLaneCount * cols) {}
  double* total;
  T* lanes;
  T* value;
};

template <class T>
void columns(void* data, int64_t rows, int64_t cols, bool log, void* work) {
  auto* x = static_cast<T*>(data);
  ColumnWork<T> w(work, cols);
  T* __restrict max = w.value;
  for (int64_t c = 0; c < cols; ++c) max[c] = x[c];
  for (int64_t r = 1; r < rows; ++r)
    for (int64_t c = 0; c < cols; ++c) {
      T v = x[r * cols + c];
      max[c] = ((v > max[c]) | (v != v)) ? v : max[c];
    }
  ColumnSum<T> sum(w.total, w.lanes, cols);
  T* e = log ? max + cols : nullptr;  // one row of exponentials
  for (int64_t r = 0; r < rows; ++r) {
    T* row = x + r * cols;
    T* to = log ? e : row;
    transform(row, max, to, cols, [](Vec<T> v, Vec<T> m) { return exp_of(v - m); });
    sum.add(r, to);
  }
  sum.finish();
  T* factor = w.lanes;
  for (int64_t c = 0; c < cols; ++c) factor[c] = static_cast<T>(log ? ::log(w.total[c]) : 1 / w.total[c]);
  for (int64_t r = 0; r < rows; ++r) {
    T* __restrict row = x + r * cols;
    for (int64_t c = 0; c < cols; ++c) row[c] = log ? row[c] - max[c] - factor[c] : row[c] * factor[c];
  }
}

template <class T>
void grad_line(const void* grad, const void* result, void* output, int64_t n, bool log) {
  auto* g = static_cast<const T*>(grad);
  auto* y = static_cast<const T*>(result);
  auto* out = static_cast<T*>(output);
  double total = 0;
  alignas(64) T products[kReduceBlock];
  for (int64_t first = 0; first < n; first += kReduceBlock) {
    int64_t count = n - first < kReduceBlock ? n - first : kReduceBlock;
    if (!log) transform(g + first, y + first, products, count, [](Vec<T> a, Vec<T> b) { return a * b; });
    total += static_cast<double>(lane_sum(log ? g + first : products, count));
  }
  T sum = static_cast<T>(total);
  if (log)
    transform(g, y, out, n, [&](Vec<T> a, Vec<T> b) { return a - exp_of(b) * sum; });
  else
    transform(g, y, out, n, [&](Vec<T> a, Vec<T> b) { return b * (a - sum); });
}

template <class T>
void grad_columns(void* grad, const void* result, int64_t rows, int64_t cols, bool log, void* work) {
  auto* g = static_cast<T*>(grad);
  auto* y = static_cast<const T*>(result);
  ColumnWork<T> w(work, cols);
  ColumnSum<T> sum(w.total, w.lanes, cols);
  T* products = w.value;
  for (int64_t r = 0; r < rows; ++r) {
    if (!log) transform(g + r * cols, y + r * cols, products, cols, [](Vec<T> a, Vec<T> b) { return a * b; });
    sum.add(r, log ? g + r * cols : products);
  }
  sum.finish();
  T* factor = w.value;
  for (int64_t c = 0; c < cols; ++c) factor[c] = static_cast<T>(w.total[c]);
  T* e = factor + cols;
  for (int64_t r = 0; r < rows; ++r) {
    T* row = g + r * cols;
    if (log) {
      transform(y + r * cols, factor, e, cols, [](Vec<T> b, Vec<T> s) { return exp_of(b) * s; });
      transform(row, e, row, cols, [](Vec<T> a, Vec<T> b) { return a - b; });
    } else {
      transform(row, factor, row, cols, [](Vec<T> a, Vec<T> s) { return a - s; });
      transform(y + r * cols, row, row, cols, [](Vec<T> b, Vec<T> d) { return b * d; });
    }
  }
}

}  // namespace

void LINESHAFT_ISA::fill_softmax(SoftmaxKernels (&table)[2]) {
  table[0] = {line<double>, columns<double>, grad_line<double>, grad_columns<double>};
  table[1] = {line<float>, columns<float>, grad_line<float>, grad_columns<float>};
}

}  // namespace lineshaft::cpu
