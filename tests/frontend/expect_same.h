// For tests of formulas whose results are exact.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace lineshaft::frontend::test {

// Equal, where NaN equals NaN, and 0 and -0 differ.
inline void expect_same(const std::vector<double>& got, const std::vector<double>& wanted) {
  ASSERT_EQ(got.size(), wanted.size());
  for (size_t i = 0; i < got.size(); ++i) {
    bool both_nan = std::isnan(got[i]) && std::isnan(wanted[i]);
    bool same = got[i] == wanted[i] && std::signbit(got[i]) == std::signbit(wanted[i]);
    EXPECT_TRUE(both_nan || same) << got[i] << " is not " << wanted[i] << " at " << i;
  }
}

}  // namespace lineshaft::frontend::test
