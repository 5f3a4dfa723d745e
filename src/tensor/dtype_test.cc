#include "lineshaft/tensor/dtype.h"

#include <gtest/gtest.h>

#include <cfloat>

namespace lineshaft {
namespace {

TEST(DType, LimitsOfFloats) {
  EXPECT_EQ(largest_number(DType::kF64), DBL_MAX);
  EXPECT_EQ(largest_number(DType::kF32), FLT_MAX);
  EXPECT_EQ(largest_number(DType::kF16), 65504);
  EXPECT_EQ(largest_number(DType::kBF16), 3.3895313892515355e38);
  EXPECT_EQ(smallest_normal(DType::kF64), DBL_MIN);
  EXPECT_EQ(smallest_normal(DType::kF32), FLT_MIN);
}

TEST(DType, IntegersThatAreExact) {
  EXPECT_EQ(largest_exact_integer(DType::kF64), 9007199254740992);
  EXPECT_EQ(largest_exact_integer(DType::kF32), 16777216);
  EXPECT_EQ(largest_exact_integer(DType::kF16), 2048);
  EXPECT_EQ(largest_exact_integer(DType::kBF16), 256);
  EXPECT_EQ(largest_exact_integer(DType::kI64), INT64_MAX);
  EXPECT_EQ(largest_exact_integer(DType::kI32), INT32_MAX);
  EXPECT_EQ(largest_exact_integer(DType::kI16), 32767);
  EXPECT_EQ(largest_exact_integer(DType::kI8), 127);
  EXPECT_EQ(largest_exact_integer(DType::kU8), 255);
  EXPECT_EQ(largest_exact_integer(DType::kBool), 1);
}

}  // namespace
}  // namespace lineshaft
