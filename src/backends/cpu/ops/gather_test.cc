#include "lineshaft/ops/gather.h"

#include <gtest/gtest.h>

#include <numeric>

#include "backends/cpu/test_context.h"

namespace lineshaft::cpu {
namespace {

std::vector<double> counting(int64_t count) {
  std::vector<double> values(count);
  std::iota(values.begin(), values.end(), 1);
  return values;
}

// index_select along `axis` of a row-major [a, b, c] tensor: the views that the operation takes.
struct Selection {
  TensorView base, index, output;
  int64_t index_strides[1], bounds[1];
  Selection(TestContext& context, const TensorView& input, int axis, const TensorView& indices) {
    std::array<int64_t, 3> sizes = {input.sizes[0], input.sizes[1], input.sizes[2]};
    index_strides[0] = input.strides[axis];
    bounds[0] = input.sizes[axis];
    sizes[axis] = indices.sizes[0];
    base = input;
    base.sizes[axis] = sizes[axis];
    base.strides[axis] = 0;
    index = indices;
    index.rank = 3;
    index.sizes = base.sizes;
    index.strides = {};
    index.strides[axis] = 1;
    output = context.empty(input.dtype, {sizes[0], sizes[1], sizes[2]});
  }
};

TEST(Gather, SelectsAlongEachAxisInEveryDtype) {
  for (int dtype = 0; dtype < kDTypeCount; ++dtype) {
    for (int axis = 0; axis < 3; ++axis) {
      TestContext context;
      TensorView input = context.tensor(static_cast<DType>(dtype), {3, 4, 5}, counting(60));
      std::vector<double> source = context.values<double>(input);
      std::vector<int64_t> chosen = {2, 0, 2, 1, 0, 1};
      TensorView indices = context.tensor(dtype % 2 ? DType::kI32 : DType::kI64, {6}, chosen);
      Selection s(context, input, axis, indices);
      run(context, Gather{s.base, {&s.index, 1}, s.index_strides, s.bounds, false, s.output});
      std::vector<double> expected;
      for (int64_t i = 0; i < s.output.sizes[0]; ++i)
        for (int64_t j = 0; j < s.output.sizes[1]; ++j)
          for (int64_t k = 0; k < s.output.sizes[2]; ++k) {
            int64_t at[3] = {i, j, k};
            at[axis] = chosen[at[axis]];
            expected.push_back(source[at[0] * 20 + at[1] * 5 + at[2]]);
          }
      EXPECT_EQ(context.values<double>(s.output), expected) << name_of(input.dtype) << " axis " << axis;
      EXPECT_FALSE(context.bad_index);
    }
  }
}

TEST(Gather, TakesSeveralIndicesAtOnce) {
  TestContext context;
  TensorView input = context.tensor(DType::kF32, {4, 5}, counting(20));
  TensorView rows = context.tensor(DType::kI64, {3}, std::vector<int64_t>{3, -4, 1});
  TensorView columns = context.tensor(DType::kI32, {3}, std::vector<int64_t>{-1, 2, 0});
  TensorView base = input;
  base.rank = 1;
  base.sizes = {3};
  base.strides = {};
  TensorView output = context.empty(DType::kF32, {3});
  int64_t strides[] = {5, 1}, bounds[] = {4, 5};
  TensorView indices[] = {rows, columns};
  run(context, Gather{base, indices, strides, bounds, true, output});
  EXPECT_EQ(context.values<double>(output), (std::vector<double>{20, 3, 6}));
  EXPECT_FALSE(context.bad_index);
}

TEST(Gather, GivesZeroAndReportsWhereAnIndexPassesItsBound) {
  for (int64_t bad : {int64_t{4}, int64_t{-1}, INT64_MAX, INT64_MIN}) {
    TestContext context;
    TensorView input = context.tensor(DType::kF32, {4, 1, 3}, counting(12));
    TensorView indices = context.tensor(DType::kI64, {3}, std::vector<int64_t>{1, bad, 0});
    Selection s(context, input, 0, indices);
    run(context, Gather{s.base, {&s.index, 1}, s.index_strides, s.bounds, false, s.output});
    EXPECT_EQ(context.values<double>(s.output), (std::vector<double>{4, 5, 6, 0, 0, 0, 1, 2, 3}));
    EXPECT_EQ(context.bad_index, (TestContext::BadIndex{bad, 4}));
  }
}

TEST(Gather, WrapsNegativeIndicesOnceOnly) {
  TestContext context;
  TensorView input = context.tensor(DType::kI64, {4, 1, 1}, counting(4));
  TensorView indices = context.tensor(DType::kI64, {3}, std::vector<int64_t>{-4, -1, -5});
  Selection s(context, input, 0, indices);
  run(context, Gather{s.base, {&s.index, 1}, s.index_strides, s.bounds, true, s.output});
  EXPECT_EQ(context.values<int64_t>(s.output), (std::vector<int64_t>{1, 4, 0}));
  EXPECT_EQ(context.bad_index, (TestContext::BadIndex{-5, 4}));
}

TEST(Gather, ReadsNothingForZeroSizes) {
  TestContext context;
  TensorView input = context.tensor(DType::kF32, {4, 1, 3}, counting(12));
  TensorView indices = context.empty(DType::kI64, {0});
  Selection s(context, input, 0, indices);
  run(context, Gather{s.base, {&s.index, 1}, s.index_strides, s.bounds, false, s.output});
  EXPECT_TRUE(context.values<double>(s.output).empty());
}

TEST(Gather, MovesManyRowsAndFewLongRowsWithThreads) {
  for (auto [rows, width] : {std::pair<int64_t, int64_t>{5000, 37}, {1, 100000}, {3, 70000}}) {
    TestContext context;
    TensorView input = context.tensor(DType::kF32, {50, width, 1}, counting(50 * width));
    std::vector<int64_t> chosen(rows);
    for (int64_t i = 0; i < rows; ++i) chosen[i] = i * 31 % 50;
    TensorView indices = context.tensor(DType::kI64, {rows}, chosen);
    Selection s(context, input, 0, indices);
    run(context, Gather{s.base, {&s.index, 1}, s.index_strides, s.bounds, false, s.output});
    std::vector<float> got = context.values<float>(s.output);
    for (int64_t i = 0; i < rows * width; ++i)
      ASSERT_EQ(got[i], static_cast<float>(chosen[i / width] * width + i % width + 1)) << i;
  }
}

}  // namespace
}  // namespace lineshaft::cpu
