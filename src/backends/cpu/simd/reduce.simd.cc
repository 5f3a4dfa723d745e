#include "backends/cpu/simd/lane_sum.h"
#include "backends/cpu/simd/reduce_kernels.h"
#include "backends/cpu/simd/vector.h"

namespace lineshaft::cpu {
namespace {

template <class T>
constexpr T lowest_of() {
  if constexpr (kIsFloat<T>)
    return -static_cast<T>(__builtin_inf());
  else if constexpr (sizeof(T) == 1)
    return 0;
  else
    return static_cast<T>(static_cast<T>(1) << (sizeof(T) * 8 - 1));
}
template <class T>
constexpr T highest_of() {
  if constexpr (kIsFloat<T>)
    return static_cast<T>(__builtin_inf());
  else if constexpr (sizeof(T) == 1)
    return 1;
  else
    return static_cast<T>(~lowest_of<T>());
}

struct Sum {
  template <class V>
  static V apply(V a, V b) {
    return a + b;
  }
  template <class T>
  static constexpr T identity() {
    return 0;
  }
};
struct Prod {
  template <class V>
  static V apply(V a, V b) {
    return a * b;
  }
  template <class T>
  static constexpr T identity() {
    return 1;
  }
};
struct Min {
  template <class V>
  static V apply(V a, V b) {
    return ((a < b) | (a != a)) ? a : b;
  }
  template <class T>
  static constexpr T identity() {
    return highest_of<T>();
  }
  template <class T>
  static bool better(T a, T b) {
    return (a < b) | ((a != a) & (b == b));
  }
};
struct Max {
  template <class V>
  static V apply(V a, V b) {
    return ((a > b) | (a != a)) ? a : b;
  }
  template <class T>
  static constexpr T identity() {
    return lowest_of<T>();
  }
  template <class T>
  static bool better(T a, T b) {
    return (a > b) | ((a != a) & (b == b));
  }
};

// Sums, products and extremes: T values, A lanes and block results, B totals.
template <class Op, class T, class A, class B>
struct Simple {
  static constexpr int kCount = kIsFloat<T> ? kLaneCount : 1;

  static A reduce(const T* v, int64_t n) {
    if constexpr (kCount == 1) {
      A acc = Op::template identity<A>();
      for (int64_t i = 0; i < n; ++i) acc = Op::apply(acc, static_cast<A>(v[i]));
      return acc;
    } else {
      T quarters[4];
      int64_t done = 0;
      if (n == kReduceBlock) {
        reduce_quarters(v, quarters);
      } else {
        for (T& quarter : quarters) {
          int64_t rest = n - done < kReduceQuarter ? n - done : kReduceQuarter;
          quarter = reduce_quarter(v + done, rest);
          done += rest;
        }
      }
      return Op::apply(Op::apply(quarters[0], quarters[1]), Op::apply(quarters[2], quarters[3]));
    }
  }
  static constexpr int kVectors = kCount == 1 ? 1 : kCount / kLanes<T>;
  static T fold_vectors(const Vec<T>* acc, const T* rest, int64_t count) {
    alignas(64) T lanes[kCount];
    for (int k = 0; k < kVectors; ++k) store(lanes + k * kLanes<T>, acc[k]);
    for (int64_t l = 0; l < count; ++l) lanes[l] = Op::apply(lanes[l], rest[l]);
    fold_lanes<T, kCount>(lanes, 1, [](T a, T b) { return Op::apply(a, b); });
    return lanes[0];
  }
  static T reduce_quarter(const T* v, int64_t n) {
    Vec<T> acc[kVectors];
    for (auto& each : acc) each = splat(Op::template identity<T>());
    int64_t i = 0;
    for (; i + kCount <= n; i += kCount)
      for (int k = 0; k < kVectors; ++k) acc[k] = Op::apply(acc[k], load(v + i + k * kLanes<T>));
    return fold_vectors(acc, v + i, n - i);
  }
  // Four quarters at once hide the latency of addition. The processor does not foresee where four streams go on, so the
  // block after this one is asked for.
  static void reduce_quarters(const T* v, T* quarters) {
    Vec<T> acc[4][kVectors];
    for (auto& quarter : acc)
      for (auto& each : quarter) each = splat(Op::template identity<T>());
    for (int64_t i = 0; i < kReduceQuarter; i += kCount) {
#pragma GCC unroll 4
      for (int q = 0; q < 4; ++q) {
        __builtin_prefetch(v + kReduceBlock + q * kReduceQuarter + i);
#pragma GCC unroll 8
        for (int k = 0; k < kVectors; ++k)
          acc[q][k] = Op::apply(acc[q][k], load(v + q * kReduceQuarter + i + k * kLanes<T>));
      }
    }
    for (int q = 0; q < 4; ++q) quarters[q] = fold_vectors(acc[q], v, 0);
  }
  static void run(const void* v, int64_t n, int64_t, void* block) {
    *static_cast<A*>(block) = reduce(static_cast<const T*>(v), n);
  }
  // Lanes of floats: 16 rows of the quarter at hand, then 4 of quarters' results.
  static constexpr int kRows = kCount == 1 ? 1 : kCount + 4;
  static void begin(void* lanes, int64_t cols) {
    auto* out = static_cast<A*>(lanes);
    for (int64_t i = 0; i < cols * kRows; ++i) out[i] = Op::template identity<A>();
  }
  static void close_quarter(A* lanes, int64_t cols, int64_t quarter) {
    fold_lanes<A, kCount>(lanes, cols, [](A a, A b) { return Op::apply(a, b); });
    __builtin_memcpy(lanes + (kCount + quarter) * cols, lanes, cols * sizeof(A));
    for (int64_t i = 0; i < cols * kCount; ++i) lanes[i] = Op::template identity<A>();
  }
  static void rows(const void* values, int64_t rows, int64_t cols, int64_t row_stride, int64_t row, void* lanes) {
    auto* v = static_cast<const T*>(values);
    for (int64_t r = 0; r < rows; ++r, v += row_stride) {
      int64_t at = row + r;
      if (kCount > 1 && at > 0 && at % kReduceQuarter == 0)
        close_quarter(static_cast<A*>(lanes), cols, at / kReduceQuarter - 1);
      A* __restrict acc = static_cast<A*>(lanes) + at % kCount * cols;
      for (int64_t c = 0; c < cols; ++c) acc[c] = Op::apply(acc[c], static_cast<A>(v[c]));
    }
  }
  static void fold(void* lanes, int64_t cols, int64_t n, int64_t, void* blocks) {
    auto* acc = static_cast<A*>(lanes);
    auto* __restrict out = static_cast<A*>(blocks);
    if constexpr (kCount == 1) {
      __builtin_memcpy(blocks, lanes, cols * sizeof(A));
    } else {
      close_quarter(acc, cols, (n - 1) / kReduceQuarter);
      const A* q = acc + kCount * cols;
      for (int64_t c = 0; c < cols; ++c)
        out[c] = Op::apply(Op::apply(q[c], q[cols + c]), Op::apply(q[2 * cols + c], q[3 * cols + c]));
    }
  }
  static void clear(void* totals, int64_t count) {
    for (int64_t i = 0; i < count; ++i) static_cast<B*>(totals)[i] = Op::template identity<B>();
  }
  static void merge(void* totals, const void* blocks, int64_t count) {
    auto* __restrict out = static_cast<B*>(totals);
    auto* in = static_cast<const A*>(blocks);
    for (int64_t i = 0; i < count; ++i) out[i] = Op::apply(out[i], static_cast<B>(in[i]));
  }
  static void finish(const void* totals, int64_t count, double, void* out, void*) {
    auto* to = static_cast<A*>(out);
    auto* in = static_cast<const B*>(totals);
    for (int64_t i = 0; i < count; ++i) to[i] = static_cast<A>(in[i]);
  }
  static constexpr ReduceKernels kernels() {
    return {kRows * sizeof(A), sizeof(A), sizeof(B), run, begin, rows, fold, clear, merge, finish};
  }
};

// Any and all: values count as != 0.
template <bool any, class T>
struct Logical {
  static uint8_t join(uint8_t a, uint8_t b) { return any ? a | b : a & b; }
  static void run(const void* values, int64_t n, int64_t, void* block) {
    auto* v = static_cast<const T*>(values);
    uint8_t acc = !any;
    for (int64_t i = 0; i < n; ++i) acc = join(acc, v[i] != 0);
    *static_cast<uint8_t*>(block) = acc;
  }
  static void begin(void* lanes, int64_t cols) { __builtin_memset(lanes, !any, cols); }
  static void rows(const void* values, int64_t rows, int64_t cols, int64_t row_stride, int64_t, void* lanes) {
    auto* v = static_cast<const T*>(values);
    auto* __restrict acc = static_cast<uint8_t*>(lanes);
    for (int64_t r = 0; r < rows; ++r, v += row_stride)
      for (int64_t c = 0; c < cols; ++c) acc[c] = join(acc[c], v[c] != 0);
  }
  static void fold(void* lanes, int64_t cols, int64_t, int64_t, void* blocks) { __builtin_memcpy(blocks, lanes, cols); }
  static void merge(void* totals, const void* blocks, int64_t count) {
    auto* __restrict out = static_cast<uint8_t*>(totals);
    for (int64_t i = 0; i < count; ++i) out[i] = join(out[i], static_cast<const uint8_t*>(blocks)[i]);
  }
  static void finish(const void* totals, int64_t count, double, void* out, void*) {
    __builtin_memcpy(out, totals, count);
  }
  static constexpr ReduceKernels kernels() { return {1, 1, 1, run, begin, rows, fold, begin, merge, finish}; }
};

// Extremes with their positions; the first of equals, the first NaN.
template <class Op, class T, bool value_too>
struct Position {
  struct Best {
    T value;
    int64_t index;  // -1: none yet
  };
  static int64_t locate(const T* v, int64_t n, T best) {
    constexpr int64_t kChunk = 64;
    for (int64_t i = 0; i < n; i += kChunk) {
      int64_t end = i + kChunk < n ? i + kChunk : n;
      int hits = 0;
      for (int64_t k = i; k < end; ++k) hits |= (v[k] == best) | (v[k] != v[k]);
      if (!hits) continue;
      for (int64_t k = i; k < end; ++k)
        if (best != best ? v[k] != v[k] : v[k] == best) return k;
    }
    return 0;
  }
  static void run(const void* values, int64_t n, int64_t first, void* block) {
    auto* v = static_cast<const T*>(values);
    int64_t at = locate(v, n, Simple<Op, T, T, T>::reduce(v, n));
    *static_cast<Best*>(block) = {v[at], first + at};
  }
  static void begin(void*, int64_t) {}
  static void rows(const void* values, int64_t rows, int64_t cols, int64_t row_stride, int64_t row, void* lanes) {
    auto* v = static_cast<const T*>(values);
    auto* __restrict index = static_cast<int64_t*>(lanes);
    auto* __restrict best = reinterpret_cast<T*>(index + cols);
    for (int64_t r = 0; r < rows; ++r, v += row_stride) {
      if (row + r == 0) {
        for (int64_t c = 0; c < cols; ++c) best[c] = v[c], index[c] = 0;
        continue;
      }
      for (int64_t c = 0; c < cols; ++c) {
        T candidate = v[c], current = best[c];
        bool better = Op::better(candidate, current);
        best[c] = better ? candidate : current;
        index[c] = better ? row + r : index[c];
      }
    }
  }
  static void fold(void* lanes, int64_t cols, int64_t, int64_t first, void* blocks) {
    auto* index = static_cast<const int64_t*>(lanes);
    auto* best = reinterpret_cast<const T*>(index + cols);
    for (int64_t c = 0; c < cols; ++c) static_cast<Best*>(blocks)[c] = {best[c], first + index[c]};
  }
  static void clear(void* totals, int64_t count) {
    for (int64_t i = 0; i < count; ++i) static_cast<Best*>(totals)[i] = {T{}, -1};
  }
  static void merge(void* totals, const void* blocks, int64_t count) {
    auto* out = static_cast<Best*>(totals);
    auto* in = static_cast<const Best*>(blocks);
    for (int64_t i = 0; i < count; ++i)
      if (out[i].index < 0 || Op::better(in[i].value, out[i].value)) out[i] = in[i];
  }
  static void finish(const void* totals, int64_t count, double, void* out, void* second) {
    auto* in = static_cast<const Best*>(totals);
    auto* index = static_cast<int64_t*>(value_too ? second : out);
    for (int64_t i = 0; i < count; ++i) index[i] = in[i].index;
    if constexpr (value_too)
      for (int64_t i = 0; i < count; ++i) static_cast<T*>(out)[i] = in[i].value;
  }
  static constexpr ReduceKernels kernels() {
    return {sizeof(int64_t) + sizeof(T), sizeof(Best), sizeof(Best), run, begin, rows, fold, clear, merge, finish};
  }
};

// Mean and squared deviations. A block sums, in f64, its values' distances from its first value; blocks merge as Chan,
// Golub and LeVeque have it.
template <class T>
struct Moments {
  struct Block {
    double n, mean, m2;
  };
  static double shift_of(T value) {
    double shift = value;
    return shift - shift == 0 ? shift : 0;
  }
  static Block block_of(double n, double shift, double s1, double s2) {
    double m2 = s2 - s1 * (s1 / n);
    return {n, shift + s1 / n, m2 < 0 ? 0 : m2};
  }
  static void run(const void* values, int64_t n, int64_t, void* block) {
    typedef T Part __attribute__((vector_size(kLanes<double> * sizeof(T))));
    constexpr int L = kLanes<double>, kVectors = kLaneCount / L;
    auto* v = static_cast<const T*>(values);
    double shift = shift_of(v[0]);
    Vec<double> s1[kVectors] = {}, s2[kVectors] = {};
    int64_t i = 0;
    for (; i + kLaneCount <= n; i += kLaneCount)
      for (int k = 0; k < kVectors; ++k) {
        Part part;
        __builtin_memcpy(&part, v + i + k * L, sizeof part);
        Vec<double> d = __builtin_convertvector(part, Vec<double>) - shift;
        s1[k] += d;
        s2[k] += d * d;
      }
    alignas(64) double a[kLaneCount], b[kLaneCount];
    for (int k = 0; k < kVectors; ++k) store(a + k * L, s1[k]), store(b + k * L, s2[k]);
    for (int l = 0; i < n; ++i, ++l) {
      double d = v[i] - shift;
      a[l] += d;
      b[l] += d * d;
    }
    auto add = [](double x, double y) { return x + y; };
    fold_lanes<double, kLaneCount>(a, 1, add);
    fold_lanes<double, kLaneCount>(b, 1, add);
    *static_cast<Block*>(block) = block_of(static_cast<double>(n), shift, a[0], b[0]);
  }
  // Lanes: the shifts of all columns, then 16 rows of sums, then 16 of squares.
  static void begin(void* lanes, int64_t cols) {
    __builtin_memset(lanes, 0, (2 * kLaneCount + 1) * cols * sizeof(double));
  }
  static void rows(const void* values, int64_t rows, int64_t cols, int64_t row_stride, int64_t row, void* lanes) {
    auto* v = static_cast<const T*>(values);
    auto* shift = static_cast<double*>(lanes);
    if (row == 0)
      for (int64_t c = 0; c < cols; ++c) shift[c] = shift_of(v[c]);
    for (int64_t r = 0; r < rows; ++r, v += row_stride) {
      double* __restrict s1 = shift + (1 + (row + r) % kLaneCount) * cols;
      double* __restrict s2 = s1 + kLaneCount * cols;
      for (int64_t c = 0; c < cols; ++c) {
        double d = v[c] - shift[c];
        s1[c] += d;
        s2[c] += d * d;
      }
    }
  }
  static void fold(void* lanes, int64_t cols, int64_t n, int64_t, void* blocks) {
    auto* shift = static_cast<double*>(lanes);
    double *s1 = shift + cols, *s2 = s1 + kLaneCount * cols;
    auto add = [](double x, double y) { return x + y; };
    fold_lanes<double, kLaneCount>(s1, cols, add);
    fold_lanes<double, kLaneCount>(s2, cols, add);
    for (int64_t c = 0; c < cols; ++c)
      static_cast<Block*>(blocks)[c] = block_of(static_cast<double>(n), shift[c], s1[c], s2[c]);
  }
  static void clear(void* totals, int64_t count) { __builtin_memset(totals, 0, count * sizeof(Block)); }
  static void merge(void* totals, const void* blocks, int64_t count) {
    auto* out = static_cast<Block*>(totals);
    auto* in = static_cast<const Block*>(blocks);
    for (int64_t i = 0; i < count; ++i) {
      if (out[i].n == 0) {
        out[i] = in[i];
        continue;
      }
      double n = out[i].n + in[i].n, delta = in[i].mean - out[i].mean;
      out[i].mean += delta * (in[i].n / n);
      out[i].m2 += in[i].m2 + delta * delta * (out[i].n * in[i].n / n);
      out[i].n = n;
    }
  }
  static void finish(const void* totals, int64_t count, double divisor, void* out, void* second) {
    auto* in = static_cast<const Block*>(totals);
    for (int64_t i = 0; i < count; ++i) {
      bool empty = in[i].n == 0;
      static_cast<T*>(out)[i] = static_cast<T>(empty ? __builtin_nan("") : in[i].mean);
      static_cast<T*>(second)[i] = static_cast<T>(empty ? __builtin_nan("") : in[i].m2 / divisor);
    }
  }
  static constexpr ReduceKernels kernels() {
    return {(2 * kLaneCount + 1) * sizeof(double),
            sizeof(Block),
            sizeof(Block),
            run,
            begin,
            rows,
            fold,
            clear,
            merge,
            finish};
  }
};

template <class T, class A, class B>
void fill_type(ReduceKernels (&table)[kReduceKinds][kComputeTypes], int type) {
  auto at = [&](ReduceKind kind) -> ReduceKernels& { return table[static_cast<int>(kind)][type]; };
  at(ReduceKind::kSum) = Simple<Sum, T, A, B>::kernels();
  at(ReduceKind::kProd) = Simple<Prod, T, A, B>::kernels();
  at(ReduceKind::kMin) = Simple<Min, T, T, T>::kernels();
  at(ReduceKind::kMax) = Simple<Max, T, T, T>::kernels();
  at(ReduceKind::kAny) = Logical<true, T>::kernels();
  at(ReduceKind::kAll) = Logical<false, T>::kernels();
  at(ReduceKind::kArgMin) = Position<Min, T, false>::kernels();
  at(ReduceKind::kArgMax) = Position<Max, T, false>::kernels();
  at(ReduceKind::kMinIndex) = Position<Min, T, true>::kernels();
  at(ReduceKind::kMaxIndex) = Position<Max, T, true>::kernels();
}

}  // namespace

void LINESHAFT_ISA::fill_reduce(ReduceKernels (&table)[kReduceKinds][kComputeTypes]) {
  fill_type<double, double, double>(table, 0);
  fill_type<float, float, double>(table, 1);
  fill_type<int64_t, int64_t, int64_t>(table, 2);
  fill_type<int32_t, int64_t, int64_t>(table, 3);
  fill_type<uint8_t, int64_t, int64_t>(table, 4);
  table[static_cast<int>(ReduceKind::kMeanVar)][0] = Moments<double>::kernels();
  table[static_cast<int>(ReduceKind::kMeanVar)][1] = Moments<float>::kernels();
}

}  // namespace lineshaft::cpu
