#include "stream/staging.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>

namespace lineshaft {
namespace {

TEST(Staging, GivesEachBlockToOneAtATime) {
  Staging staging(2);
  auto a = staging.take(), b = staging.take();
  ASSERT_TRUE(a && b);
  EXPECT_NE(a.get(), b.get());
  EXPECT_FALSE(staging.take());
  std::byte* first = a.get();
  a.reset();
  EXPECT_EQ(staging.take().get(), first);
}

TEST(Staging, UsesTheMemoryThatItIsGiven) {
  std::vector<std::byte> memory(3 * Staging::kBlock - 1);
  Staging staging(memory);
  auto a = staging.take(), b = staging.take();
  EXPECT_EQ(a.get(), memory.data());
  EXPECT_EQ(b.get(), memory.data() + Staging::kBlock);
  EXPECT_FALSE(staging.take());
}

TEST(Staging, BlocksMayComeBackAfterThePoolIsGone) {
  std::shared_ptr<std::byte> late;
  {
    Staging staging(1);
    late = staging.take();
  }
  std::memset(late.get(), 1, Staging::kBlock);
  late.reset();
}

}  // namespace
}  // namespace lineshaft
