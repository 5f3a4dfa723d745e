#include "lineshaft/ops/scatter.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "backends/cpu/test_context.h"

namespace lineshaft::cpu {
namespace {

constexpr ScatterKind kKinds[] = {ScatterKind::kAssign, ScatterKind::kAdd, ScatterKind::kMultiply, ScatterKind::kMin,
                                  ScatterKind::kMax};

// index_add and its kin: rows of source [N, D] go to rows of target [V, D].
void scatter_rows(TestContext& context, ScatterKind kind, const TensorView& target, const TensorView& indices,
                  const TensorView& source, bool wrap = false) {
  TensorView base = target, index = indices;
  base.sizes[0] = source.sizes[0];
  base.strides[0] = 0;
  index.rank = 2;
  index.sizes = source.sizes;
  index.strides = {1, 0};
  int64_t strides[] = {target.strides[0]}, bounds[] = {target.sizes[0]};
  run(context, Scatter{kind, base, {&index, 1}, strides, bounds, wrap, source});
}

template <class S>
S reference(ScatterKind kind, S old, S given) {
  Compute<S> a = widen(old), b = widen(given);
  switch (kind) {
    case ScatterKind::kAssign:
      return given;
    case ScatterKind::kAdd:
      return narrow<S>(a + b);
    case ScatterKind::kMultiply:
      if constexpr (std::is_same_v<S, Bool>)
        return narrow<S>(a && b);
      else
        return narrow<S>(a * b);
    case ScatterKind::kMin:
      return narrow<S>(b < a ? b : a);
    case ScatterKind::kMax:
      return narrow<S>(b > a ? b : a);
  }
  return old;
}

TEST(Scatter, DoesOneElementAfterAnotherInEveryKindAndDtype) {
  std::mt19937 random(7);
  for (int dtype = 0; dtype < kDTypeCount; ++dtype)
    for (ScatterKind kind : kKinds)
      for (auto [n, d, v] : {std::array<int64_t, 3>{40, 3, 7}, {900, 70, 5}, {30000, 1, 11}}) {
        TestContext context;
        std::vector<double> old(v * d), given(n * d);
        std::vector<int64_t> rows(n);
        for (double& x : old) x = random() % 5 / 4.0 + 0.5;
        for (double& x : given) x = random() % 5 / 4.0 + 0.5;
        for (int64_t& row : rows) row = random() % v;
        TensorView target = context.tensor(static_cast<DType>(dtype), {v, d}, old);
        TensorView source = context.tensor(static_cast<DType>(dtype), {n, d}, given);
        TensorView expected = context.tensor(static_cast<DType>(dtype), {v, d}, old);
        visit_storage(target.dtype, [&, n = n, d = d]<class S>(std::type_identity<S>) {
          S* to = context.data<S>(expected);
          for (int64_t i = 0; i < n * d; ++i) {
            S& at = to[rows[i / d] * d + i % d];
            at = reference(kind, at, context.data<S>(source)[i]);
          }
        });
        scatter_rows(context, kind, target, context.tensor(DType::kI64, {n}, rows), source);
        EXPECT_EQ(std::memcmp(context.data(target), context.data(expected), v * d * size_of(target.dtype)), 0)
            << name_of(target.dtype) << " kind " << static_cast<int>(kind) << " " << n << " x " << d;
      }
}

TEST(Scatter, TheLastOfEqualIndicesWins) {
  TestContext context;
  TensorView target = context.tensor(DType::kF32, {3, 1}, std::vector<double>{0, 0, 0});
  TensorView source = context.tensor(DType::kF32, {4, 1}, std::vector<double>{1, 2, 3, 4});
  scatter_rows(context, ScatterKind::kAssign, target, context.tensor(DType::kI32, {4}, std::vector<int>{1, 2, 1, 2}),
               source);
  EXPECT_EQ(context.values<double>(target), (std::vector<double>{0, 3, 4}));
}

TEST(Scatter, WritesNothingAndReportsWhereAnIndexPassesItsBound) {
  for (ScatterKind kind : kKinds) {
    TestContext context;
    TensorView target = context.tensor(DType::kF32, {2, 1}, std::vector<double>{1, 1});
    TensorView source = context.tensor(DType::kF32, {3, 1}, std::vector<double>{5, 6, 7});
    scatter_rows(context, kind, target, context.tensor(DType::kI64, {3}, std::vector<int>{2, -3, 99}), source, true);
    EXPECT_EQ(context.values<double>(target), (std::vector<double>{1, 1}));
    EXPECT_EQ(context.bad_index, (TestContext::BadIndex{2, 2}));
  }
}

TEST(Scatter, WrapsNegativeIndices) {
  TestContext context;
  TensorView target = context.tensor(DType::kI32, {3, 1}, std::vector<int>{0, 0, 0});
  TensorView source = context.tensor(DType::kI32, {2, 1}, std::vector<int>{5, 6});
  scatter_rows(context, ScatterKind::kAdd, target, context.tensor(DType::kI64, {2}, std::vector<int>{-1, -3}), source,
               true);
  EXPECT_EQ(context.values<int>(target), (std::vector<int>{6, 0, 5}));
  EXPECT_FALSE(context.bad_index);
}

TEST(Scatter, NanWinsMinimumAndMaximum) {
  for (ScatterKind kind : {ScatterKind::kMin, ScatterKind::kMax}) {
    TestContext context;
    double nan = std::numeric_limits<double>::quiet_NaN();
    TensorView target = context.tensor(DType::kBF16, {3, 1}, std::vector<double>{1, nan, 1});
    TensorView source = context.tensor(DType::kBF16, {4, 1}, std::vector<double>{nan, 2, 1, 3});
    scatter_rows(context, kind, target, context.tensor(DType::kI64, {4}, std::vector<int>{0, 1, 2, 0}), source);
    std::vector<double> got = context.values<double>(target);
    EXPECT_TRUE(std::isnan(got[0]) && std::isnan(got[1]));
    EXPECT_EQ(got[2], 1);
  }
}

TEST(Scatter, RoundsHalvesAfterEachAddition) {
  TestContext context;
  TensorView target = context.tensor(DType::kF16, {1, 1}, std::vector<double>{2048});
  TensorView source = context.tensor(DType::kF16, {4, 1}, std::vector<double>{1, 1, 1, 1});
  scatter_rows(context, ScatterKind::kAdd, target, context.tensor(DType::kI64, {4}, std::vector<int>{0, 0, 0, 0}),
               source);
  EXPECT_EQ(context.values<double>(target), (std::vector<double>{2048}));  // each 1 is half a step, and ties to even
}

TEST(Scatter, KeepsTheOrderWhereViewsOfTheTargetMeet) {
  // The base steps by 1 over an index stride of 1: positions meet across the axis, so nothing may be split.
  TestContext context;
  const int64_t n = 40000;
  TensorView target = context.tensor(DType::kF32, {n + 1}, std::vector<double>(n + 1, 0));
  TensorView base = target;
  base.sizes[0] = n;
  std::vector<double> given(n);
  std::vector<int64_t> shift(n), expected(n + 1, 0);
  for (int64_t i = 0; i < n; ++i) {
    given[i] = i;
    shift[i] = i / 3 % 2;
    expected[i + shift[i]] = i;
  }
  TensorView source = context.tensor(DType::kF32, {n}, given), index = context.tensor(DType::kI64, {n}, shift);
  int64_t strides[] = {1}, bounds[] = {2};
  run(context, Scatter{ScatterKind::kAssign, base, {&index, 1}, strides, bounds, false, source});
  EXPECT_EQ(context.values<int64_t>(target), expected);
}

TEST(Scatter, WritesNothingForZeroSizes) {
  TestContext context;
  TensorView target = context.tensor(DType::kF32, {2, 1}, std::vector<double>{1, 2});
  scatter_rows(context, ScatterKind::kAdd, target, context.empty(DType::kI64, {0}), context.empty(DType::kF32, {0, 1}));
  EXPECT_EQ(context.values<double>(target), (std::vector<double>{1, 2}));
}

}  // namespace
}  // namespace lineshaft::cpu
