#include "lineshaft/ops/sort.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

#include "backends/cpu/test_context.h"
#include "lineshaft/ops/topk.h"

namespace lineshaft::cpu {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// NaN above all.
bool less(double a, double b) {
  return std::isnan(b) ? !std::isnan(a) : a < b;
}

std::vector<int64_t> reference_order(const std::vector<double>& row, bool descending) {
  std::vector<int64_t> order(row.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](int64_t a, int64_t b) { return descending ? less(row[b], row[a]) : less(row[a], row[b]); });
  return order;
}

struct Result {
  std::vector<double> values;
  std::vector<int64_t> indices;
};
Result sorted(TestContext& context, const TensorView& input, int axis, bool descending) {
  TensorView values = context.empty(input.dtype, {0}), indices = context.empty(DType::kI64, {0});
  std::vector<int64_t> sizes(input.shape().begin(), input.shape().end());
  TensorView wide = context.empty(DType::kI64, {input.numel()}), flat = context.empty(input.dtype, {input.numel()});
  indices = contiguous_view(wide.buffer, DType::kI64, sizes);
  values = contiguous_view(flat.buffer, input.dtype, sizes);
  run(context, Sort{axis, descending, input, values, indices});
  return {context.values<double>(values), context.values<int64_t>(indices)};
}

std::vector<double> mixed(int64_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<double> values(count);
  for (double& x : values) x = static_cast<int>(random() % 200) - 100;
  return values;
}

TEST(Sort, IsStableAlongEveryAxisInEveryDtype) {
  for (int dtype = 0; dtype < kDTypeCount; ++dtype)
    for (bool descending : {false, true})
      for (int axis = 0; axis < 3; ++axis) {
        TestContext context;
        TensorView input = context.tensor(static_cast<DType>(dtype), {4, 300, 5}, mixed(6000, 3));
        std::vector<double> source = context.values<double>(input);
        Result got = sorted(context, input, axis, descending);
        int64_t step = input.strides[axis], size = input.sizes[axis];
        for (int64_t i = 0; i < 6000; ++i) {
          if (i / step % size != 0) continue;
          std::vector<double> row(size);
          for (int64_t j = 0; j < size; ++j) row[j] = source[i + j * step];
          std::vector<int64_t> order = reference_order(row, descending);
          for (int64_t j = 0; j < size; ++j) {
            ASSERT_EQ(got.indices[i + j * step], order[j]) << name_of(input.dtype) << " axis " << axis;
            ASSERT_EQ(got.values[i + j * step], row[order[j]]);
          }
        }
      }
}

TEST(Sort, PutsNanLastAndKeepsTheOrderOfEqualZeros) {
  for (DType dtype : {DType::kF64, DType::kF32, DType::kF16, DType::kBF16}) {
    TestContext context;
    TensorView input = context.tensor(
        dtype, {10}, std::vector<double>{0.0, kNan, -0.0, kInfinity, -1, -kNan, -kInfinity, 1, 0.0, -0.0});
    EXPECT_EQ(sorted(context, input, 0, false).indices, (std::vector<int64_t>{6, 4, 0, 2, 8, 9, 7, 3, 1, 5}));
    Result down = sorted(context, input, 0, true);
    EXPECT_EQ(down.indices, (std::vector<int64_t>{1, 5, 3, 7, 0, 2, 8, 9, 4, 6}));
    EXPECT_TRUE(std::signbit(down.values[5]) && !std::signbit(down.values[4])) << "zeros keep their sign";
  }
}

TEST(Sort, OrdersLongRowsOfExtremes) {
  TestContext context;
  std::vector<int64_t> values(70000);
  std::mt19937_64 random(5);
  for (int64_t& x : values) x = static_cast<int64_t>(random());
  values[100] = INT64_MIN, values[200] = INT64_MAX, values[300] = INT64_MIN;
  TensorView input = context.tensor(DType::kI64, {70000}, values);
  TensorView order = context.empty(DType::kI64, {70000});
  run(context, Sort{0, false, input, {}, order});
  std::vector<int64_t> expected(70000);
  std::iota(expected.begin(), expected.end(), 0);
  std::ranges::stable_sort(expected, {}, [&](int64_t i) { return values[i]; });
  EXPECT_EQ(context.values<int64_t>(order), expected);
}

TEST(Sort, TakesScalarsAndZeroSizes) {
  TestContext context;
  TensorView scalar = context.tensor(DType::kF32, {}, std::vector<double>{3});
  Result got = sorted(context, scalar, 0, false);
  EXPECT_EQ(got.indices, std::vector<int64_t>{0});
  EXPECT_EQ(got.values, std::vector<double>{3});
  EXPECT_TRUE(sorted(context, context.empty(DType::kF32, {3, 0}), 1, false).indices.empty());
}

Result top(TestContext& context, const TensorView& input, int64_t k, bool largest) {
  TensorView values = context.empty(input.dtype, {input.sizes[0], k}),
             indices = context.empty(DType::kI64, {input.sizes[0], k});
  run(context, TopK{1, largest, input, values, indices});
  return {context.values<double>(values), context.values<int64_t>(indices)};
}

TEST(TopK, IsTheFrontOfAStableSortInEveryDtype) {
  for (int dtype = 0; dtype < kDTypeCount; ++dtype)
    for (bool largest : {false, true})
      for (auto [rows, size, k] : {std::array<int64_t, 3>{3, 5000, 4}, {2, 700, 700}, {1, 3000, 1}, {40, 90, 17}}) {
        TestContext context;
        TensorView input = context.tensor(static_cast<DType>(dtype), {rows, size}, mixed(rows * size, 11));
        std::vector<double> source = context.values<double>(input);
        Result got = top(context, input, k, largest);
        for (int64_t r = 0; r < rows; ++r) {
          std::vector<double> row(source.begin() + r * size, source.begin() + (r + 1) * size);
          std::vector<int64_t> order = reference_order(row, largest);
          for (int64_t i = 0; i < k; ++i) {
            ASSERT_EQ(got.indices[r * k + i], order[i]) << name_of(input.dtype) << " " << size << " " << k;
            ASSERT_EQ(got.values[r * k + i], row[order[i]]);
          }
        }
      }
}

TEST(TopK, CountsNanAsTheLargest) {
  TestContext context;
  TensorView input = context.tensor(DType::kF32, {1, 6}, std::vector<double>{1, kNan, 3, kInfinity, kNan, 2});
  EXPECT_EQ(top(context, input, 3, true).indices, (std::vector<int64_t>{1, 4, 3}));
  EXPECT_EQ(top(context, input, 5, false).indices, (std::vector<int64_t>{0, 5, 2, 3, 1}));
}

TEST(TopK, SelectsAlongTheFirstAxisOfAStridedInput) {
  TestContext context;
  TensorView input = context.tensor(DType::kI32, {3, 2}, std::vector<int>{5, 1, 7, 9, 6, 4});
  TensorView values = context.empty(DType::kI32, {2, 2}), indices = context.empty(DType::kI64, {2, 2});
  run(context, TopK{0, true, input, values, indices});
  EXPECT_EQ(context.values<int>(values), (std::vector<int>{7, 9, 6, 4}));
  EXPECT_EQ(context.values<int>(indices), (std::vector<int>{1, 1, 2, 2}));
}

TEST(TopK, TakesZeroSizes) {
  TestContext context;
  EXPECT_TRUE(top(context, context.tensor(DType::kF32, {1, 2}, std::vector<double>{1, 2}), 0, true).values.empty());
  EXPECT_TRUE(top(context, context.empty(DType::kF32, {0, 4}), 2, true).values.empty());
}

}  // namespace
}  // namespace lineshaft::cpu
