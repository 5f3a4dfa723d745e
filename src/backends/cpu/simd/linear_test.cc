#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <numeric>
#include <random>
#include <vector>

#include "backends/cpu/simd/linear_kernels.h"

namespace lineshaft::cpu {
namespace {

// A matrix as the kernels take it, with 64 bytes at the end of each column that they may not touch.
template <class T>
class Sheet {
 public:
  Sheet(int64_t rows, int64_t columns)
      : rows_(rows), columns_(columns), stride_((rows + 31) / 16 * 16), data_(stride_ * columns + 16, T{-77}) {
    void* start = data_.data();
    size_t space = data_.size() * sizeof(T);
    first_ = static_cast<T*>(std::align(64, space - 64, start, space));
  }
  T& operator()(int64_t i, int64_t j) { return first_[i + j * stride_]; }
  Dense dense() { return {first_, rows_, columns_, stride_}; }
  void fill(std::mt19937& random) {
    std::uniform_real_distribution<T> uniform(-1, 1);
    for (int64_t j = 0; j < columns_; ++j)
      for (int64_t i = 0; i < rows_; ++i) (*this)(i, j) = uniform(random);
  }
  void copy(Sheet& other) {
    for (int64_t j = 0; j < columns_; ++j)
      for (int64_t i = 0; i < rows_; ++i) (*this)(i, j) = other(i, j);
  }
  void expect_kept_outside() {
    for (int64_t j = 0; j < columns_; ++j)
      for (int64_t i = rows_; i < stride_; ++i) ASSERT_EQ((*this)(i, j), T{-77}) << i << " " << j;
  }

 private:
  int64_t rows_, columns_, stride_;
  std::vector<T> data_;
  T* first_;
};

constexpr int64_t kSizes[] = {1, 7, 24, 25, 64, 130};

template <class T>
class LinearKernelsTest : public testing::Test {
 protected:
  static constexpr double kTolerance = sizeof(T) == 4 ? 2e-4 : 1e-12;
  // For each instruction set that this processor has.
  template <class F>
  void each(F&& f) {
    Isa before = current_isa();
    for (Isa isa : {Isa::kBaseline, Isa::kAvx2, Isa::kAvx512}) {
      if (!is_supported(isa)) continue;
      set_isa(isa);
      SCOPED_TRACE(static_cast<int>(isa));
      for (int64_t n : kSizes) f(linear_kernels(sizeof(T) == 4 ? DType::kF32 : DType::kF64), n);
    }
    set_isa(before);
  }
  std::mt19937 random{5};
};
using Types = testing::Types<float, double>;
TYPED_TEST_SUITE(LinearKernelsTest, Types);

TYPED_TEST(LinearKernelsTest, CholeskysFactorMultipliesToTheMatrix) {
  using T = TypeParam;
  this->each([&](const LinearKernels& kernels, int64_t n) {
    Sheet<T> a(n, n), l(n, n);
    a.fill(this->random);
    for (int64_t i = 0; i < n; ++i) a(i, i) += static_cast<T>(n);  // only the lower triangle is read
    l.copy(a);
    EXPECT_EQ(kernels.cholesky(l.dense()), 0);
    for (int64_t i = 0; i < n; ++i)
      for (int64_t j = 0; j <= i; ++j) {
        double sum = 0;
        for (int64_t k = 0; k <= j; ++k) sum += double{l(i, k)} * l(j, k);
        ASSERT_NEAR(sum, a(i, j), this->kTolerance * std::sqrt(n));
      }
    l.expect_kept_outside();
    a(n / 2, n / 2) = 0;
    EXPECT_EQ(kernels.cholesky(a.dense()), n / 2 + 1);
  });
}

TYPED_TEST(LinearKernelsTest, LusFactorsMultiplyToTheMatrix) {
  using T = TypeParam;
  this->each([&](const LinearKernels& kernels, int64_t n) {
    for (int64_t m : {n, n + 40, (n + 1) / 2}) {
      Sheet<T> a(m, n), lu(m, n);
      a.fill(this->random);
      lu.copy(a);
      std::vector<int32_t> pivots(std::min(m, n));
      EXPECT_EQ(kernels.lu(lu.dense(), true, pivots.data()), 0);
      std::vector<int64_t> rows(m);
      std::iota(rows.begin(), rows.end(), 0);
      for (size_t i = 0; i < pivots.size(); ++i) std::swap(rows[i], rows.at(pivots[i]));
      for (int64_t i = 0; i < m; ++i)
        for (int64_t j = 0; j < n; ++j) {
          double sum = 0;
          for (int64_t k = 0; k <= std::min(i, j) && k < std::min(m, n); ++k)
            sum += (k == i ? 1 : double{lu(i, k)}) * lu(k, j);
          ASSERT_NEAR(sum, a(rows[i], j), this->kTolerance) << i << " " << j;
        }
      lu.expect_kept_outside();
    }
  });
}

TYPED_TEST(LinearKernelsTest, ReflectionsGiveTheMatrixBack) {
  using T = TypeParam;
  this->each([&](const LinearKernels& kernels, int64_t n) {
    for (int64_t m : {n, n + 40}) {
      Sheet<T> a(m, n), qr(m, n), r(m, n);
      a.fill(this->random);
      qr.copy(a);
      std::vector<T> tau(n);
      kernels.qr(qr.dense(), tau.data());
      for (int64_t i = 0; i < m; ++i)
        for (int64_t j = 0; j < n; ++j) r(i, j) = i <= j ? qr(i, j) : T{0};
      kernels.apply_reflectors(qr.dense(), tau.data(), false, r.dense());
      for (int64_t i = 0; i < m; ++i)
        for (int64_t j = 0; j < n; ++j) ASSERT_NEAR(r(i, j), a(i, j), this->kTolerance) << i << " " << j;
      kernels.apply_reflectors(qr.dense(), tau.data(), true, a.dense());
      for (int64_t i = 0; i < m; ++i)
        for (int64_t j = 0; j < n; ++j) ASSERT_NEAR(a(i, j), i <= j ? qr(i, j) : T{0}, this->kTolerance);
      r.expect_kept_outside();
    }
  });
}

TYPED_TEST(LinearKernelsTest, SolutionsSolve) {
  using T = TypeParam;
  this->each([&](const LinearKernels& kernels, int64_t n) {
    for (bool upper : {false, true})
      for (bool unit : {false, true}) {
        Sheet<T> a(n, n), b(n, 5), x(n, 5);
        a.fill(this->random);
        for (int64_t j = 0; j < n; ++j)
          for (int64_t i = 0; i < n; ++i) a(i, j) = i == j ? T{2} : a(i, j) / static_cast<T>(n);
        b.fill(this->random);
        x.copy(b);
        kernels.solve_triangular(a.dense(), upper, unit, x.dense());
        for (int64_t i = 0; i < n; ++i)
          for (int64_t j = 0; j < 5; ++j) {
            double sum = (unit ? 1 : double{a(i, i)}) * x(i, j);
            for (int64_t k = upper ? i + 1 : 0; k < (upper ? n : i); ++k) sum += double{a(i, k)} * x(k, j);
            ASSERT_NEAR(sum, b(i, j), this->kTolerance);
          }
      }
  });
}

}  // namespace
}  // namespace lineshaft::cpu
