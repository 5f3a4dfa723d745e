#include "base/divide.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>

namespace lineshaft {
namespace {

TEST(Divide, RoundsUp) {
  for (int64_t by : {1, 2, 3, 64})
    for (int64_t value = 0; value <= 200; ++value) {
      int64_t parts = divide_up(value, by), multiple = round_up(value, by);
      EXPECT_GE(parts * by, value) << value << " by " << by;
      EXPECT_LT(parts * by, value + by) << value << " by " << by;
      EXPECT_EQ(multiple, parts * by);
    }
}

TEST(Divide, ComputesInTheWiderType) {
  EXPECT_EQ(divide_up(7, int64_t{1} << 40), 1);
  EXPECT_EQ(round_up(size_t{1} << 40, 3), (size_t{1} << 40) + 2);
  EXPECT_EQ(round_up(int64_t{1} << 40, 64), int64_t{1} << 40);
}

}  // namespace
}  // namespace lineshaft
