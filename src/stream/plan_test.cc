#include "stream/plan.h"

#include <gtest/gtest.h>

#include <random>

namespace lineshaft {
namespace {

TEST(Plan, ValuesThatNeverLiveTogetherShareBytes) {
  MemoryPlan plan = plan_memory({{1000, 0, 1}, {1000, 1, 2}, {1000, 2, 3}, {1000, 3, 4}});
  ASSERT_EQ(plan.chunks.size(), 1u);
  EXPECT_EQ(plan.chunks[0], 2048);  // two at a time, each on a boundary of 256
}

TEST(Plan, ALargeValueHasAChunkOfItsOwn) {
  MemoryPlan plan = plan_memory({{100, 0, 9}, {5000, 0, 9}, {100, 0, 9}}, 1024);
  EXPECT_EQ(plan.chunks, (std::vector<int64_t>{5120, 512}));
  EXPECT_EQ(plan.places[1].chunk, 0u);
}

TEST(Plan, ValuesThatLiveTogetherNeverOverlap) {
  std::mt19937 random(3);
  for (int round = 0; round < 50; ++round) {
    std::vector<Lifetime> values(random() % 60);
    int64_t sum = 0;
    for (Lifetime& value : values) {
      size_t a = random() % 100, b = random() % 100;
      value = {static_cast<int64_t>(random() % 5000), std::min(a, b), std::max(a, b)};
      sum += value.size + kPlaceAlignment;
    }
    MemoryPlan plan = plan_memory(values, 1 << 14);
    int64_t used = 0;
    for (int64_t chunk : plan.chunks) used += chunk;
    EXPECT_LE(used, sum);
    for (size_t i = 0; i < values.size(); ++i) {
      const Place& a = plan.places[i];
      EXPECT_EQ(a.offset % kPlaceAlignment, 0);
      EXPECT_LE(a.offset + values[i].size, plan.chunks[a.chunk]);
      for (size_t j = 0; j < i; ++j) {
        const Place& b = plan.places[j];
        bool together = values[i].first <= values[j].last && values[j].first <= values[i].last;
        bool apart =
            a.chunk != b.chunk || a.offset + values[i].size <= b.offset || b.offset + values[j].size <= a.offset;
        EXPECT_TRUE(!together || apart) << i << " and " << j;
      }
    }
  }
}

}  // namespace
}  // namespace lineshaft
