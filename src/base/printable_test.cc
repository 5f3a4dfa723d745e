#include "base/printable.h"

#include <gtest/gtest.h>

namespace lineshaft {
namespace {

TEST(Printable, ReplacesControlCharactersAndKeepsTheRest) {
  EXPECT_EQ(printable("a\x1b[2J\n\tb\x7f"), "a?[2J??b?");
  EXPECT_EQ(printable("a\r\nb", ' '), "a  b");
  EXPECT_EQ(printable(std::string("\0 ~\x1f", 4)), "? ~?");
  EXPECT_EQ(printable("Gerät, 计算"), "Gerät, 计算");
}

}  // namespace
}  // namespace lineshaft
