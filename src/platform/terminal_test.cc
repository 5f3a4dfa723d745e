#include "platform/terminal.h"

#include <gtest/gtest.h>

namespace lineshaft {
namespace {

TEST(Terminal, AScreenIsDrawnFromTheTopAndTheRestCleared) {
  EXPECT_EQ(screen_text({"a", "b"}, {1}), "\033[Ha\033[K\r\n\033[1mb\033[0m\033[K\033[J");
  EXPECT_EQ(screen_text({}, {}), "\033[H\033[J");
}

}  // namespace
}  // namespace lineshaft
