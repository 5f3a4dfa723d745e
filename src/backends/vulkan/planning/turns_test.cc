#include "backends/vulkan/planning/turns.h"

#include <gtest/gtest.h>

namespace lineshaft::vulkan {
namespace {

static_assert(loop(0).count == 1);
static_assert(loop(5).count == 6);
static_assert(loop(3, loop(4)).count == 3 * (1 + 5) + 1);
static_assert(loop(int64_t{1} << 31, loop(int64_t{1} << 31)).count == Turns::kMost);
static_assert(longest_loop(Turns(65535)) == 65534);
static_assert(loop(longest_loop(Turns(1000), loop(7), Turns(20)), loop(7)).count + 20 <= 1000);

// Every turn is in one part, the parts follow the order of the loops, and each fits.
TEST(Turns, PartsOfLoopsAreTheLoops) {
  for (auto sizes : {std::array<int64_t, 3>{1, 1, 1},
                     {1, 1, 500},
                     {1, 70, 3},
                     {40, 1, 2},
                     {5, 6, 7},
                     {3, 90, 90},
                     {2, 1, 300},
                     {101, 3, 1}}) {
    for (int64_t limit : {20, 100, 4000}) {
      int64_t next = 0;
      for (const LoopPart& part : loop_parts(sizes, Turns(limit))) {
        EXPECT_LE(part.turns.count, limit);
        for (int64_t i = part.first[0]; i < part.end[0]; ++i)
          for (int64_t j = part.first[1]; j < part.end[1]; ++j)
            for (int64_t k = part.first[2]; k < part.end[2]; ++k)
              ASSERT_EQ((i * sizes[1] + j) * sizes[2] + k, next++) << sizes[0] << "x" << sizes[1] << "x" << sizes[2];
      }
      EXPECT_EQ(next, sizes[0] * sizes[1] * sizes[2]);
    }
  }
  EXPECT_EQ(loop_parts({5, 6, 7}, Turns(65535)).size(), 1u);
}

}  // namespace
}  // namespace lineshaft::vulkan
