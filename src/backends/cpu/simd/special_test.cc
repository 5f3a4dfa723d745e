#include "backends/cpu/simd/special.h"

#include <gtest/gtest.h>

#include <cmath>

namespace lineshaft::cpu::test {
namespace {

TEST(CpuSpecial, FunctionsAgreeWithKnownValues) {
  EXPECT_NEAR(scalar_digamma(1.0), -0.57721566490153286061, 1e-15);
  EXPECT_NEAR(scalar_digamma(0.5), -1.96351002602142347944, 1e-14);
  EXPECT_NEAR(scalar_digamma(-1.5), 0.70315664064524318723, 1e-13);
  EXPECT_EQ(scalar_digamma(0.0), -INFINITY);
  EXPECT_EQ(scalar_digamma(-0.0), INFINITY);
  EXPECT_TRUE(std::isnan(scalar_digamma(-3.0)));
  for (double y : {-3.0, -1.0, -0.1, 1e-6, 0.3, 1.0, 2.5, 4.0})
    EXPECT_NEAR(scalar_erfinv(std::erf(y)) / y, 1, std::fabs(y) > 3 ? 1e-8 : 1e-12) << y;
  EXPECT_EQ(scalar_erfinv(1.0), INFINITY);
  EXPECT_TRUE(std::isnan(scalar_erfinv(1.1)));
}

}  // namespace
}  // namespace lineshaft::cpu::test
