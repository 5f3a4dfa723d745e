#include "lineshaft/ops/compact.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "backends/cpu/test_context.h"

namespace lineshaft::cpu {
namespace {

std::vector<int64_t> compacted(TestContext& context, const TensorView& mask) {
  TensorView positions = context.empty(DType::kI64, {mask.numel()}), count = context.empty(DType::kI64, {1});
  run(context, Compact{mask, positions, count});
  std::vector<int64_t> got = context.values<int64_t>(positions);
  got.resize(context.values<int64_t>(count)[0]);
  return got;
}

TEST(Compact, ListsNonZerosInOrderInEveryDtype) {
  std::mt19937 random(1);
  for (int dtype = 0; dtype < kDTypeCount; ++dtype)
    for (int density : {0, 1, 50, 100}) {
      TestContext context;
      std::vector<int> values(20003);
      for (int& x : values) x = static_cast<int>(random() % 100) < density ? 1 + random() % 100 : 0;
      std::vector<int64_t> expected;
      for (size_t i = 0; i < values.size(); ++i)
        if (values[i]) expected.push_back(i);
      EXPECT_EQ(compacted(context, context.tensor(static_cast<DType>(dtype), {20003}, values)), expected)
          << name_of(static_cast<DType>(dtype)) << " density " << density;
    }
}

TEST(Compact, NumbersAStridedMaskInItsOwnOrder) {
  TestContext context;
  TensorView mask = context.tensor(DType::kI32, {3, 4}, std::vector<int>{1, 0, 0, 2, 0, 0, 3, 0, 0, 0, 0, 4});
  mask.sizes = {4, 3};
  mask.strides = {1, 4};  // transposed: rows {1,0,0} {0,0,0} {0,3,0} {2,0,4}
  EXPECT_EQ(compacted(context, mask), (std::vector<int64_t>{0, 7, 9, 11}));
}

TEST(Compact, CountsNanButNoKindOfZero) {
  for (DType dtype : {DType::kF64, DType::kF32, DType::kF16, DType::kBF16}) {
    TestContext context;
    double nan = std::numeric_limits<double>::quiet_NaN();
    EXPECT_EQ(compacted(context, context.tensor(dtype, {4}, std::vector<double>{-0.0, nan, 0.0, -1})),
              (std::vector<int64_t>{1, 3}));
  }
}

TEST(Compact, TakesScalarsAndZeroSizes) {
  TestContext context;
  EXPECT_EQ(compacted(context, context.tensor(DType::kF32, {}, std::vector<double>{2})), std::vector<int64_t>{0});
  EXPECT_TRUE(compacted(context, context.empty(DType::kF32, {3, 0})).empty());
}

}  // namespace
}  // namespace lineshaft::cpu
