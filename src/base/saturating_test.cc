#include "lineshaft/base/saturating.h"

#include <gtest/gtest.h>

#include "base/compiler.h"

namespace lineshaft {
namespace {

constexpr int64_t kValues[] = {INT64_MIN,  INT64_MIN + 1, INT64_MIN / 2, -3037000500,   -2,       -1, 0, 1, 2,
                               3037000499, 3037000500,    INT64_MAX / 2, INT64_MAX - 1, INT64_MAX};

int64_t nearest(Int128 exact) {
  if (exact > INT64_MAX) return INT64_MAX;
  return exact < INT64_MIN ? INT64_MIN : static_cast<int64_t>(exact);
}

TEST(Saturating, StaysAtTheNearestLimit) {
  for (int64_t a : kValues)
    for (int64_t b : kValues) {
      EXPECT_EQ(saturating_sum(a, b), nearest(static_cast<Int128>(a) + b)) << a << " + " << b;
      EXPECT_EQ(saturating_difference(a, b), nearest(static_cast<Int128>(a) - b)) << a << " - " << b;
      EXPECT_EQ(saturating_product(a, b), nearest(static_cast<Int128>(a) * b)) << a << " * " << b;
    }
}

// What other compilers take says the same as this one's own.
TEST(Saturating, ThePortableFormsAgree) {
  for (int64_t a : kValues)
    for (int64_t b : kValues) {
      int64_t own = 1, portable = 2;
      EXPECT_EQ(add_overflows(a, b, own), portable::add_overflows(a, b, portable)) << a << " + " << b;
      EXPECT_EQ(own, portable);
      EXPECT_EQ(subtract_overflows(a, b, own), portable::subtract_overflows(a, b, portable)) << a << " - " << b;
      EXPECT_EQ(own, portable);
      EXPECT_EQ(multiply_overflows(a, b, own), portable::multiply_overflows(a, b, portable)) << a << " * " << b;
      EXPECT_EQ(own, portable);
    }
}

}  // namespace
}  // namespace lineshaft
