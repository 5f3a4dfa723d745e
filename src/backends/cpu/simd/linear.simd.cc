#include <algorithm>
#include <cmath>

#include "backends/cpu/parallel.h"
#include "backends/cpu/simd/linear_kernels.h"
#include "backends/cpu/simd/vector.h"
#include "base/divide.h"

// Eigen's functions are named apart for each instruction set, as the linker keeps one of each name.
#define LINESHAFT_JOIN(a, b) a##b
#define LINESHAFT_NAME_EIGEN(level) LINESHAFT_JOIN(lineshaft_eigen_, level)
#define Eigen LINESHAFT_NAME_EIGEN(LINESHAFT_ISA_LEVEL)
#define EIGEN_DONT_PARALLELIZE
#define EIGEN_MPL2_ONLY
#include <Eigen/Core>

namespace lineshaft::cpu {
namespace {

constexpr int64_t kWork = 100'000;   // multiplications that are worth a thread
constexpr int64_t kReflectors = 32;  // that are applied as one

int64_t grain(int64_t work) {
  return std::max<int64_t>(1, kWork / std::max<int64_t>(work, 1));
}
// About a half, so that what is left and right begins alike in memory.
int64_t half_of(int64_t count) {
  return divide_up(count / 2, 8) * 8;
}

template <class T>
using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>;

// A rectangle of a matrix.
template <class T>
struct Part {
  T* data;
  int64_t rows, columns, stride;

  explicit Part(const Dense& a) : Part(static_cast<T*>(a.data), a.rows, a.columns, a.stride) {}
  explicit Part(Matrix<T>& a) : Part(a.data(), a.rows(), a.cols(), a.outerStride()) {}
  Part(T* data, int64_t rows, int64_t columns, int64_t stride)
      : data(data), rows(rows), columns(columns), stride(stride) {}

  T& operator()(int64_t i, int64_t j) const { return data[i + j * stride]; }
  T* column(int64_t j) const { return data + j * stride; }
  Part block(int64_t i, int64_t j, int64_t m, int64_t n) const { return {data + i + j * stride, m, n, stride}; }
  Part row_range(int64_t begin, int64_t end) const { return block(begin, 0, end - begin, columns); }
  Part column_range(int64_t begin, int64_t end) const { return block(0, begin, rows, end - begin); }
  auto map() const {
    return Eigen::Map<Matrix<T>, Eigen::Unaligned, Eigen::OuterStride<>>(data, rows, columns,
                                                                         Eigen::OuterStride<>(stride));
  }
};

// f(begin, end) on parts of 0..count that begin at multiples of 16; `work` is what one of the count takes.
template <class F>
void share_out(int64_t count, int64_t work, F&& f) {
  parallel_for(divide_up(count, 16), grain(16 * work),
               [&](int64_t begin, int64_t end) { f(16 * begin, std::min(16 * end, count)); });
}

// c -= a b
template <class T>
void subtract_product(const Part<T>& c, const Part<T>& a, const Part<T>& b) {
  if (c.columns >= c.rows)
    share_out(c.columns, c.rows * a.columns, [&](int64_t begin, int64_t end) {
      c.column_range(begin, end).map().noalias() -= a.map() * b.column_range(begin, end).map();
    });
  else
    share_out(c.rows, c.columns * a.columns, [&](int64_t begin, int64_t end) {
      c.row_range(begin, end).map().noalias() -= a.row_range(begin, end).map() * b.map();
    });
}

// --- triangular systems

template <class T, int mode>
void solve_as(const Part<T>& a, const Part<T>& b) {
  if (b.columns == 0 || a.rows == 0) return;
  share_out(b.columns, a.rows * a.rows / 2, [&](int64_t begin, int64_t end) {
    auto x = b.column_range(begin, end).map();
    a.map().template triangularView<mode>().solveInPlace(x);
  });
}

template <class T>
void solve_triangular(const Dense& a, bool upper, bool unit, const Dense& b) {
  using Solve = void (*)(const Part<T>&, const Part<T>&);
  static constexpr Solve kWays[] = {solve_as<T, Eigen::Lower>, solve_as<T, Eigen::UnitLower>, solve_as<T, Eigen::Upper>,
                                    solve_as<T, Eigen::UnitUpper>};
  kWays[(upper ? 2 : 0) | (unit ? 1 : 0)](Part<T>(a), Part<T>(b));
}

// --- Cholesky

template <class T>
int64_t cholesky_small(const Part<T>& a) {
  for (int64_t j = 0; j < a.columns; ++j) {
    T* column = a.column(j);
    if (!(column[j] > 0)) return j + 1;
    T root = std::sqrt(column[j]);
    column[j] = root;
    for (int64_t i = j + 1; i < a.rows; ++i) column[i] /= root;
    for (int64_t k = j + 1; k < a.columns; ++k) {
      T factor = column[k];
      T* target = a.column(k);
      for (int64_t i = k; i < a.rows; ++i) target[i] -= factor * column[i];
    }
  }
  return 0;
}

// c -= a a^T, from the diagonal down: a strip of columns each, long and short ones in turn.
template <class T>
void subtract_square(const Part<T>& c, const Part<T>& a) {
  constexpr int64_t kStrip = 64;
  int64_t strips = divide_up(c.columns, kStrip);
  parallel_for(strips, grain(kStrip * c.rows * a.columns / 2), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      int64_t first = kStrip * (i % 2 ? strips - 1 - i / 2 : i / 2), last = std::min(first + kStrip, c.columns);
      c.block(first, first, c.rows - first, last - first).map().noalias() -=
          a.row_range(first, c.rows).map() * a.row_range(first, last).map().transpose();
    }
  });
}

template <class T>
int64_t cholesky_part(const Part<T>& a) {
  int64_t n = a.rows;
  if (n <= 24) return cholesky_small(a);
  int64_t half = half_of(n);
  Part<T> top = a.block(0, 0, half, half), left = a.block(half, 0, n - half, half),
          rest = a.block(half, half, n - half, n - half);
  int64_t failed = cholesky_part(top), good = failed ? failed - 1 : half;
  share_out(left.rows, good * good / 2, [&](int64_t begin, int64_t end) {
    auto x = left.block(begin, 0, end - begin, good).map();
    auto factor = top.block(0, 0, good, good).map();
    factor.template triangularView<Eigen::Lower>().transpose().template solveInPlace<Eigen::OnTheRight>(x);
  });
  if (failed) return failed;
  subtract_square(rest, left);
  int64_t info = cholesky_part(rest);
  return info ? half + info : 0;
}

template <class T>
int64_t cholesky(const Dense& dense) {
  Part<T> a(dense);
  int64_t info = cholesky_part(a);
  if (info)
    for (int64_t j = info - 1; j < a.columns; ++j)
      std::fill(a.column(j) + j, a.column(j) + a.rows, std::numeric_limits<T>::quiet_NaN());
  return info;
}

// --- LU

// Interchanges rows begin..end with rows pivots[i].
template <class T>
void interchange(const Part<T>& a, const int32_t* pivots, int64_t begin, int64_t end) {
  share_out(a.columns, 4 * (end - begin), [&](int64_t first, int64_t last) {
    for (int64_t j = first; j < last; ++j)
      for (int64_t i = begin; i < end; ++i) std::swap(a(i, j), a(pivots[i], j));
  });
}

template <class T>
int64_t lu_small(const Part<T>& a, bool pivot, int32_t* pivots) {
  int64_t info = 0;
  for (int64_t j = 0; j < a.columns; ++j) {
    T* column = a.column(j);
    int64_t row = j;
    if (pivot)
      for (int64_t i = j + 1; i < a.rows; ++i)
        if (std::abs(column[i]) > std::abs(column[row])) row = i;
    pivots[j] = static_cast<int32_t>(row);
    if (row != j)
      for (int64_t k = 0; k < a.columns; ++k) std::swap(a(j, k), a(row, k));
    if (column[j] == 0) {
      if (!info) info = j + 1;
    } else {
      for (int64_t i = j + 1; i < a.rows; ++i) column[i] /= column[j];
    }
    for (int64_t k = j + 1; k < a.columns; ++k) {
      T* target = a.column(k);
      T factor = target[j];
      for (int64_t i = j + 1; i < a.rows; ++i) target[i] -= factor * column[i];
    }
  }
  return info;
}

// No more columns than rows.
template <class T>
int64_t lu_tall(const Part<T>& a, bool pivot, int32_t* pivots) {
  int64_t n = a.columns;
  if (n <= 8) return lu_small(a, pivot, pivots);
  int64_t half = half_of(n);
  Part<T> left = a.column_range(0, half), right = a.column_range(half, n);
  int64_t info = lu_tall(left, pivot, pivots);
  interchange(right, pivots, 0, half);
  solve_as<T, Eigen::UnitLower>(left.row_range(0, half), right.row_range(0, half));
  Part<T> rest = right.row_range(half, a.rows);
  subtract_product(rest, left.row_range(half, a.rows), right.row_range(0, half));
  int64_t later = lu_tall(rest, pivot, pivots + half);
  for (int64_t i = half; i < n; ++i) pivots[i] += static_cast<int32_t>(half);
  interchange(left, pivots, half, n);
  return info || !later ? info : half + later;
}

template <class T>
int64_t lu(const Dense& dense, bool pivot, int32_t* pivots) {
  Part<T> a(dense);
  int64_t size = std::min(a.rows, a.columns);
  if (size == 0) return 0;
  Part<T> left = a.column_range(0, size), right = a.column_range(size, a.columns);
  int64_t info = lu_tall(left, pivot, pivots);
  interchange(right, pivots, 0, size);
  solve_as<T, Eigen::UnitLower>(left.row_range(0, size), right.row_range(0, size));
  return info;
}

// --- reflections

// Makes the column (alpha, x) into (beta, v below its first 1) and gives tau. Scaled, so that squares neither pass the
// range nor vanish.
template <class T>
T make_reflector(T* column, int64_t rows) {
  T most = 0;
  for (int64_t i = 1; i < rows; ++i) {
    T size = std::abs(column[i]);
    if (!(most != most || size <= most)) most = size;
  }
  if (most == 0) return 0;
  Eigen::Map<Eigen::Matrix<T, Eigen::Dynamic, 1>> tail(column + 1, rows - 1);
  T alpha = column[0], norm = std::hypot(alpha, most * (tail / most).norm());
  T beta = alpha < 0 ? norm : -norm;
  tail /= alpha - beta;
  column[0] = beta;
  return (beta - alpha) / beta;
}

template <class T>
void qr_panel(const Part<T>& a, T* tau) {
  Eigen::Matrix<T, Eigen::Dynamic, 1> sums(a.columns);
  for (int64_t j = 0; j < std::min(a.rows, a.columns); ++j) {
    tau[j] = make_reflector(a.column(j) + j, a.rows - j);
    int64_t rest = a.columns - j - 1, below = a.rows - j - 1;
    if (rest == 0 || tau[j] == 0) continue;
    auto v = a.block(j + 1, j, below, 1).map().col(0);
    auto row = a.block(j, j + 1, 1, rest).map().row(0);
    auto block = a.block(j + 1, j + 1, below, rest).map();
    auto sum = sums.head(rest);
    sum.noalias() = block.transpose() * v;
    sum += row.transpose();
    row -= tau[j] * sum.transpose();
    block.noalias() -= (tau[j] * v) * sum.transpose();
  }
}

// H_0 H_1 ... = I - V T V^T (Schreiber and Van Loan, 1989).
template <class T>
class BlockReflector {
 public:
  BlockReflector(const Part<T>& a, const T* tau) : v_(a.map()), t_(a.columns, a.columns) {
    for (int64_t j = 0; j < a.columns; ++j) {
      v_.col(j).head(j).setZero();
      v_(j, j) = 1;
    }
    Matrix<T> products = v_.transpose() * v_;
    t_.setZero();
    for (int64_t j = 0; j < a.columns; ++j) {
      t_.col(j).head(j).noalias() = t_.topLeftCorner(j, j) * products.col(j).head(j);
      t_.col(j).head(j) *= -tau[j];
      t_(j, j) = tau[j];
    }
  }
  // c becomes its product with it, or with its transpose.
  void apply(bool transposed, const Part<T>& c) const {
    share_out(c.columns, 2 * c.rows * v_.cols(), [&](int64_t begin, int64_t end) {
      auto target = c.column_range(begin, end).map();
      Matrix<T> sums = v_.transpose() * target, factors(sums.rows(), sums.cols());
      if (transposed)
        factors.noalias() = t_.transpose() * sums;
      else
        factors.noalias() = t_ * sums;
      target.noalias() -= v_ * factors;
    });
  }

 private:
  Matrix<T> v_, t_;
};

template <class T>
void qr(const Dense& dense, void* tau) {
  Part<T> a(dense);
  auto* factors = static_cast<T*>(tau);
  int64_t size = std::min(a.rows, a.columns);
  for (int64_t first = 0; first < size; first += kReflectors) {
    int64_t last = std::min(first + kReflectors, size);
    Part<T> panel = a.block(first, first, a.rows - first, last - first);
    qr_panel(panel, factors + first);
    if (last == a.columns) continue;
    BlockReflector<T>(panel, factors + first).apply(true, a.block(first, last, a.rows - first, a.columns - last));
  }
}

template <class T>
void apply_reflectors(const Dense& reflectors, const void* tau, bool transposed, const Dense& b) {
  Part<T> a(reflectors), target(b);
  auto* factors = static_cast<const T*>(tau);
  int64_t blocks = divide_up(a.columns, kReflectors);
  for (int64_t i = 0; i < blocks; ++i) {
    int64_t first = kReflectors * (transposed ? i : blocks - 1 - i), last = std::min(first + kReflectors, a.columns);
    BlockReflector<T>(a.block(first, first, a.rows - first, last - first), factors + first)
        .apply(transposed, target.row_range(first, a.rows));
  }
}

template <class T>
LinearKernels all() {
  return {cholesky<T>, solve_triangular<T>, lu<T>, qr<T>, apply_reflectors<T>};
}

}  // namespace

void LINESHAFT_ISA::fill_linear(LinearKernels (&table)[2]) {
  table[0] = all<double>();
  table[1] = all<float>();
}

}  // namespace lineshaft::cpu
