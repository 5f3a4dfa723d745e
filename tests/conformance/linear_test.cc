// Factorizations and triangular systems. Where a result is unique and well-conditioned it is compared with a reference;
// a pivot or a sign may fall either way where two are equally good, so those are held to what they must satisfy.
#include <cmath>
#include <numeric>

#include "conformance/bench.h"

namespace lineshaft::conformance {
namespace {

DType type_of(Bench& bench) {
  return bench.chance(0.7) ? DType::kF32 : DType::kF64;
}

// Sizes about those of blocks too.
int64_t order_of(Bench& bench) {
  if (bench.chance(0.02)) return 0;
  return bench.chance(0.5) ? bench.uniform(1, 12) : bench.pick({16, 31, 32, 33, 48, 63, 64, 65, 97});
}

Number at_random(Bench& bench) {
  return static_cast<Number>(bench.uniform(-1'000'000, 1'000'000)) / 1'000'000;
}

Array random_matrices(Bench& bench, const Shape& shape, DType dtype) {
  Array a(shape);
  for (Number& x : a.data) x = stored(at_random(bench), dtype);
  return a;
}

// Symmetric and positive-definite, of a condition of about ten.
Array positive_definite(Bench& bench, int64_t batch, int64_t n, DType dtype) {
  Array m = random_matrices(bench, {batch, n, n}, dtype), a(m.shape);
  for (int64_t b = 0; b < batch; ++b)
    for (int64_t i = 0; i < n; ++i)
      for (int64_t j = 0; j <= i; ++j) {
        Number sum = i == j ? n : 0;
        for (int64_t k = 0; k < n; ++k) sum += m.at(b, i, k) * m.at(b, j, k);
        a.at(b, i, j) = a.at(b, j, i) = stored(sum / static_cast<Number>(n), dtype);
      }
  return a;
}

void spoil_above_diagonal(Array& a, Number value = NAN) {
  for_each_position(a.shape, [&](const Shape& at) {
    if (at[2] > at[1]) a(at) = value;
  });
}

struct Root {
  Array factor, info;
};

Root reference_cholesky(const Array& a) {
  int64_t batch = a.shape[0], n = a.shape[1];
  Root r{Array(a.shape), Array(Shape{batch})};
  for (int64_t b = 0; b < batch; ++b)
    for (int64_t j = 0; j < n; ++j) {
      auto rest = [&](int64_t i) {
        Number sum = a.at(b, i, j);
        for (int64_t k = 0; k < j; ++k) sum -= r.factor.at(b, i, k) * r.factor.at(b, j, k);
        return sum;
      };
      Number pivot = rest(j);
      bool failed = r.info.at(b) != 0 || !(pivot > 0);
      if (failed && r.info.at(b) == 0) r.info.at(b) = static_cast<Number>(j + 1);
      for (int64_t i = j; i < n; ++i) r.factor.at(b, i, j) = failed ? NAN : rest(i) / std::sqrt(pivot);
    }
  return r;
}

void cholesky_once(Bench& bench, int64_t batch, int64_t n, bool failing) {
  DType dtype = type_of(bench);
  Array a = positive_definite(bench, batch, n, dtype);
  if (failing && n > 0)
    for (int64_t b = 0; b < batch; ++b)
      if (bench.chance(0.7)) {
        int64_t k = bench.uniform(0, n - 1);
        a.at(b, k, k) = bench.pick({0.0, -1.0, static_cast<double>(NAN)});
      }
  Root want = reference_cholesky(a);
  spoil_above_diagonal(a);
  Cholesky op{.input = bench.laid_out(dtype, a),
              .output = bench.output(dtype, a.shape),
              .info = bench.output(DType::kI32, Shape{batch})};
  bench.check(op, {{op.output, want.factor, Array(a.shape, 2), 4 * sum_units(n)}, {op.info, want.info}});
}

TEST_P(Conformance, CholeskyFactors) {
  rounds(30, [](Bench& bench) { cholesky_once(bench, bench.size(5), order_of(bench), false); });
}

TEST_P(Conformance, CholeskyTellsWhichMinorFails) {
  rounds(30, [](Bench& bench) { cholesky_once(bench, bench.size(4), order_of(bench), true); });
}

TEST_P(Conformance, CholeskyOfManyPanels) {
  rounds(1, [](Bench& bench) { cholesky_once(bench, 1, 300, false); });
}

void solve_once(Bench& bench, int64_t batch, int64_t n, int64_t columns) {
  DType dtype = type_of(bench);
  TriangularSolve op{.upper = bench.chance(0.5), .unit = bench.chance(0.3)};
  Array a = random_matrices(bench, {batch, n, n}, dtype), b = random_matrices(bench, {batch, n, columns}, dtype);
  for_each_position(a.shape, [&](const Shape& at) {
    Number& x = a(at);
    if (at[1] == at[2])
      x = op.unit ? NAN : stored(std::copysign(1 + std::abs(x), x), dtype);
    else if ((at[2] > at[1]) == op.upper)
      x = stored(x / static_cast<Number>(n), dtype);
    else
      x = NAN;  // not read
  });
  Array x = b, scale(b.shape);
  for (int64_t m = 0; m < batch; ++m)
    for (int64_t c = 0; c < columns; ++c)
      for (int64_t step = 0; step < n; ++step) {
        int64_t i = op.upper ? n - 1 - step : step;
        Number value = b.at(m, i, c), size = std::abs(value);
        for (int64_t k = op.upper ? i + 1 : 0; k < (op.upper ? n : i); ++k) {
          value -= a.at(m, i, k) * x.at(m, k, c);
          size += std::abs(a.at(m, i, k)) * scale.at(m, k, c);
        }
        Number diagonal = op.unit ? 1 : a.at(m, i, i);
        x.at(m, i, c) = value / diagonal;
        scale.at(m, i, c) = size / std::abs(diagonal);
      }
  op.a = bench.laid_out(dtype, a);
  if (bench.chance(0.3)) {
    op.output = op.b = bench.laid_out(dtype, b);
  } else {
    op.b = bench.laid_out(dtype, b);
    op.output = bench.output(dtype, b.shape);
  }
  bench.check(op, {{op.output, x, scale, 4 * sum_units(n)}});
}

TEST_P(Conformance, TriangularSolveSolves) {
  rounds(60, [](Bench& bench) { solve_once(bench, bench.size(5), order_of(bench), bench.size(70)); });
}

TEST_P(Conformance, TriangularSolveOfManyPanels) {
  rounds(1, [](Bench& bench) { solve_once(bench, 1, 300, 3); });
}

TEST_P(Conformance, TriangularSolveSharesAMatrix) {
  rounds(4, [](Bench& bench) {
    int64_t n = bench.uniform(1, 70);
    Array a(Shape{1, n, n}), b = random_matrices(bench, {3, n, 2}, DType::kF32), x = b;
    for (int64_t i = 0; i < n; ++i) a.at(0, i, i) = 2;
    for (Number& value : x.data) value /= 2;
    TriangularSolve op{.a = bench.laid_out(DType::kF32, a),
                       .b = bench.laid_out(DType::kF32, b),
                       .output = bench.output(DType::kF32, b.shape)};
    op.a.sizes[0] = 3;
    op.a.strides[0] = 0;
    bench.check(op, {{op.output, x}});
  });
}

// What a run of the operation leaves, without a comparison.
template <class Op>
void run(Bench& bench, const Op& op) {
  bench.check(op, {});
}

Number rounding(DType dtype) {
  return dtype == DType::kF64 ? 0x1p-52L : 0x1p-23L;
}

// P L U must be the input within roundings; each pivot the largest of its column; and every factor of L at most 1.
void expect_lu(Bench& bench, const Lu& op, const Array& a) {
  Array lu = bench.load(op.output), pivots = bench.load(op.pivots), info = bench.load(op.info);
  int64_t batch = a.shape[0], m = a.shape[1], n = a.shape[2], size = std::min(m, n);
  for (int64_t b = 0; b < batch; ++b) {
    std::vector<int64_t> rows(m);
    std::iota(rows.begin(), rows.end(), 0);
    Number first_zero = 0;
    for (int64_t i = 0; i < size; ++i) {
      auto pivot = static_cast<int64_t>(pivots.at(b, i));
      ASSERT_TRUE(pivot >= i && pivot < m) << pivot;
      ASSERT_TRUE(op.pivot || pivot == i) << pivot;
      std::swap(rows[i], rows[pivot]);
      if (lu.at(b, i, i) == 0 && first_zero == 0) first_zero = static_cast<Number>(i + 1);
    }
    EXPECT_EQ(info.at(b), first_zero);
    for (int64_t i = 0; i < m; ++i)
      for (int64_t j = 0; j < n; ++j) {
        Number sum = 0, size_of_terms = 0;
        for (int64_t k = 0; k <= std::min({i, j, size - 1}); ++k) {
          Number term = (k == i ? 1 : lu.at(b, i, k)) * lu.at(b, k, j);
          sum += term;
          size_of_terms += std::abs(term);
        }
        if (op.pivot && j < i && j < size) {
          ASSERT_LE(std::abs(lu.at(b, i, j)), 1 + 4 * rounding(op.input.dtype));
        }
        ASSERT_NEAR(
            static_cast<double>(sum), static_cast<double>(a.at(b, rows[i], j)),
            static_cast<double>(2 * sum_units(size) * rounding(op.input.dtype) * std::max<Number>(size_of_terms, 1)))
            << i << " " << j;
      }
  }
}

void lu_once(Bench& bench, int64_t batch, int64_t m, int64_t n) {
  DType dtype = type_of(bench);
  Array a = random_matrices(bench, {batch, m, n}, dtype);
  bool pivot = bench.chance(0.8);
  for (int64_t b = 0; b < batch; ++b) {
    if (!pivot)
      for (int64_t i = 0; i < std::min(m, n); ++i) a.at(b, i, i) = static_cast<Number>(n + m);
    else if (n > 0 && bench.chance(0.2))  // singular: a column of zeros
      for (int64_t i = 0, j = bench.uniform(0, n - 1); i < m; ++i) a.at(b, i, j) = 0;
  }
  int64_t size = std::min(m, n);
  Lu op{.pivot = pivot,
        .input = bench.laid_out(dtype, a),
        .output = bench.output(dtype, a.shape),
        .pivots = bench.output(DType::kI32, Shape{batch, size}),
        .info = bench.output(DType::kI32, Shape{batch})};
  run(bench, op);
  expect_lu(bench, op, a);
}

TEST_P(Conformance, LuFactors) {
  rounds(40, [](Bench& bench) { lu_once(bench, bench.size(4), order_of(bench), order_of(bench)); });
}

TEST_P(Conformance, LuOfManyPanels) {
  rounds(1, [](Bench& bench) { lu_once(bench, 1, 300, 300); });
}

TEST_P(Conformance, LuOfLongColumns) {
  rounds(1, [](Bench& bench) {
    for (int64_t m : {70'000, 300'001}) lu_once(bench, 1, m, 3);
  });
}

TEST_P(Conformance, LuPivotsAtTheFirstLargestAndLeavesNaNWhereItStands) {
  rounds(1, [](Bench& bench) {
    Array a(Shape{3, 3, 1}, 1);
    a.at(0, 1, 0) = -5, a.at(0, 2, 0) = 5;
    a.at(1, 2, 0) = NAN;
    a.at(2, 0, 0) = NAN, a.at(2, 1, 0) = INFINITY;
    Lu op{.input = bench.laid_out(DType::kF32, a),
          .output = bench.output(DType::kF32, a.shape),
          .pivots = bench.output(DType::kI32, Shape{3, 1}),
          .info = bench.output(DType::kI32, Shape{3})};
    Array pivots(Shape{3, 1});
    pivots.at(0, 0) = 1;
    bench.check(op, {{op.pivots, pivots}, {op.info, Array(Shape{3})}});
  });
}

void unpack_once(Bench& bench, int64_t batch, int64_t count, int64_t size) {
  Array pivots(Shape{batch, count}), rows(Shape{batch, size});
  for (int64_t b = 0; b < batch; ++b) {
    for (int64_t i = 0; i < size; ++i) rows.at(b, i) = static_cast<Number>(i);
    for (int64_t i = 0; i < count; ++i) {
      int64_t pivot = bench.uniform(0, size - 1);
      pivots.at(b, i) = static_cast<Number>(pivot);
      std::swap(rows.at(b, i), rows.at(b, pivot));
    }
  }
  UnpackPivots op{.pivots = bench.laid_out(DType::kI32, pivots), .rows = bench.output(DType::kI64, rows.shape)};
  bench.check(op, {{op.rows, rows}});
}

TEST_P(Conformance, UnpackPivotsInterchanges) {
  rounds(30, [](Bench& bench) {
    int64_t size = bench.size(80);
    unpack_once(bench, bench.size(5), bench.uniform(0, size), size);
  });
}

TEST_P(Conformance, UnpackPivotsOfLongRows) {
  rounds(1, [](Bench& bench) {
    unpack_once(bench, 1, 70'000, 70'000);
    unpack_once(bench, 1, 300'001, 300'001);
    unpack_once(bench, 70'000, 2, 2);
  });
}

TEST_P(Conformance, UnpackPivotsReportsAPivotOutsideTheRows) {
  rounds(1, [](Bench& bench) {
    for (int64_t bad : {-1, 3}) {
      Array pivots(Shape{1, 2}, 1);
      pivots.at(0, 1) = static_cast<Number>(bad);
      UnpackPivots op{.pivots = bench.input(DType::kI32, pivots), .rows = bench.output(DType::kI64, Shape{1, 3})};
      EXPECT_NE(bench.error_of(op).find(concat("index ", bad)), std::string::npos) << bench.error_of(op);
    }
  });
}

// c becomes H_0 H_1 ... c, or its transpose's product, for matrix b.
void reflect(const Array& vectors, const Array& tau, bool transposed, Array& c, int64_t b) {
  int64_t m = vectors.shape[1], k = tau.shape[1], n = c.shape[2];
  for (int64_t step = 0; step < k; ++step) {
    int64_t r = transposed ? step : k - 1 - step;
    auto v = [&](int64_t i) { return i < r ? 0 : i == r ? 1 : vectors.at(b, i, r); };
    for (int64_t j = 0; j < n; ++j) {
      Number sum = 0;
      for (int64_t i = r; i < m; ++i) sum += v(i) * c.at(b, i, j);
      for (int64_t i = r; i < m; ++i) c.at(b, i, j) -= tau.at(b, r) * v(i) * sum;
    }
  }
}

// Q^T times the input must be R, and each reflection orthogonal.
void expect_qr(Bench& bench, const Qr& op, const Array& a) {
  Array qr = bench.load(op.output), tau = bench.load(op.tau), rest = a;
  int64_t batch = a.shape[0], m = a.shape[1], n = a.shape[2];
  Number unit = rounding(op.input.dtype) * 4 * sum_units(m + n);
  for (int64_t b = 0; b < batch; ++b) {
    for (int64_t r = 0; r < tau.shape[1]; ++r) {
      Number square = 1;
      for (int64_t i = r + 1; i < m; ++i) square += qr.at(b, i, r) * qr.at(b, i, r);
      Number factor = tau.at(b, r);
      EXPECT_NEAR(static_cast<double>(factor * square), factor == 0 ? 0 : 2, static_cast<double>(unit)) << r;
    }
    reflect(qr, tau, true, rest, b);
    Number most = 0;
    for (int64_t i = 0; i < m; ++i)
      for (int64_t j = 0; j < n; ++j) most = std::max(most, std::abs(rest.at(b, i, j)));
    for (int64_t i = 0; i < m; ++i)
      for (int64_t j = 0; j < n; ++j)
        ASSERT_NEAR(static_cast<double>(rest.at(b, i, j)), i <= j ? static_cast<double>(qr.at(b, i, j)) : 0,
                    static_cast<double>(unit * most))
            << i << " " << j;
  }
}

void qr_once(Bench& bench, int64_t batch, int64_t m, int64_t n, Number scale = 1) {
  DType dtype = type_of(bench);
  Array a = random_matrices(bench, {batch, m, n}, dtype);
  for (Number& x : a.data) x = stored(x * scale, dtype);
  if (n > 1 && bench.chance(0.2))  // nothing left to reflect
    for (int64_t b = 0; b < batch; ++b)
      for (int64_t i = 0; i < m; ++i) a.at(b, i, 0) = i == 0 ? -scale : 0;
  Qr op{.input = bench.laid_out(dtype, a),
        .output = bench.output(dtype, a.shape),
        .tau = bench.output(dtype, Shape{batch, std::min(m, n)})};
  run(bench, op);
  expect_qr(bench, op, a);
}

TEST_P(Conformance, QrFactors) {
  rounds(40, [](Bench& bench) { qr_once(bench, bench.size(4), order_of(bench), order_of(bench)); });
}

TEST_P(Conformance, QrOfManyPanels) {
  rounds(1, [](Bench& bench) { qr_once(bench, 1, 300, 200); });
}

TEST_P(Conformance, QrOfLongColumns) {
  rounds(1, [](Bench& bench) {
    for (int64_t m : {5'000, 70'000, 300'001}) qr_once(bench, 1, m, 3);
  });
}

TEST_P(Conformance, QrOfVeryLargeAndSmallNumbers) {
  rounds(2, [](Bench& bench) {
    for (Number scale : {1e25L, 1e-25L}) qr_once(bench, 2, 20, 10, scale);
  });
}

TEST_P(Conformance, ApplyReflectorsMultiplies) {
  rounds(40, [](Bench& bench) {
    DType dtype = type_of(bench);
    int64_t batch = bench.size(4), m = order_of(bench), k = std::min(m, order_of(bench)), n = bench.size(40);
    Array vectors = random_matrices(bench, {batch, m, k}, dtype), tau(Shape{batch, k});
    Array c = random_matrices(bench, {batch, m, n}, dtype), want = c, scale(c.shape, std::sqrt(static_cast<Number>(m)));
    for (int64_t b = 0; b < batch; ++b)
      for (int64_t r = 0; r < k; ++r) {
        Number square = 1;
        for (int64_t i = r + 1; i < m; ++i) square += vectors.at(b, i, r) * vectors.at(b, i, r);
        tau.at(b, r) = stored(2 / square, dtype);
      }
    ApplyReflectors op{.transposed = bench.chance(0.5)};
    for (int64_t b = 0; b < batch; ++b) reflect(vectors, tau, op.transposed, want, b);
    for_each_position(vectors.shape, [&](const Shape& at) {
      if (at[2] >= at[1]) vectors(at) = NAN;  // not read
    });
    op.reflectors = bench.laid_out(dtype, vectors);
    op.tau = bench.laid_out(dtype, tau);
    op.input = bench.laid_out(dtype, c);
    op.output = bench.chance(0.3) ? op.input : bench.output(dtype, c.shape);
    bench.check(op, {{op.output, want, scale, 4 * sum_units(m)}});
  });
}

TEST_P(Conformance, FactorizationsOfLongColumnsAreRightOrRefused) {
  rounds(1, [](Bench& bench) {
    int64_t m = 2'200'000;
    Array a(Shape{1, m, 1}, 1);
    a.at(0, m - 1, 0) = 2;
    Lu op{.input = bench.input(DType::kF32, a),
          .output = bench.output(DType::kF32, a.shape),
          .pivots = bench.output(DType::kI32, Shape{1, 1}),
          .info = bench.output(DType::kI32, Shape{1})};
    std::string error = bench.error_of(op);
    if (!error.empty()) {
      EXPECT_NE(error.find("rows passes"), std::string::npos) << error;
      return;
    }
    Array pivots(Shape{1, 1}, static_cast<Number>(m - 1));
    bench.check(op, {{op.pivots, pivots}});
  });
}

TEST_P(Conformance, LinearAlgebraOfManyMatrices) {
  rounds(1, [](Bench& bench) {
    cholesky_once(bench, 70'000, 1, false);
    solve_once(bench, 70'000, 2, 1);
    solve_once(bench, 1, 2, 70'000);
    lu_once(bench, 70'000, 2, 1);
    qr_once(bench, 70'000, 2, 1);
  });
}

}  // namespace
}  // namespace lineshaft::conformance
