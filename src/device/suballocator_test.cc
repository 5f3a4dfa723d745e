#include "device/suballocator.h"

#include <gtest/gtest.h>

#include <map>

namespace lineshaft {
namespace {

TEST(SubAllocator, BlocksNeverOverlapAndEverythingComesBack) {
  std::map<int32_t, int64_t> segments;
  SubAllocator blocks(
      {.alignment = 256, .small_segment = 1 << 16, .least_segment = 1 << 18, .most_segment = 1 << 20},
      [&](int32_t number, int64_t size) {
        EXPECT_FALSE(segments.contains(number));
        segments[number] = size;
        return true;
      },
      [&](int32_t number) { segments.erase(number); });
  std::vector<SubAllocator::Block> live;
  uint32_t state = 7;
  auto random = [&](uint32_t n) { return (state = state * 1664525 + 1013904223) / 7 % n; };
  for (int round = 0; round < 5000; ++round) {
    if (live.size() > 40 || (!live.empty() && random(2))) {
      size_t at = random(static_cast<uint32_t>(live.size()));
      blocks.release(live[at]);
      live[at] = live.back();
      live.pop_back();
    } else {
      auto block = blocks.allocate(1 + random(random(8) ? 4096 : 3 << 20));
      ASSERT_GE(block.segment, 0);
      EXPECT_LE(block.offset + block.size, segments.at(block.segment));
      for (const auto& other : live)
        EXPECT_TRUE(other.segment != block.segment || other.offset + other.size <= block.offset ||
                    block.offset + block.size <= other.offset);
      live.push_back(block);
    }
  }
  for (const auto& block : live) blocks.release(block);
  EXPECT_EQ(blocks.in_use(), 0);
  blocks.trim();
  EXPECT_EQ(blocks.reserved(), 0);
  EXPECT_TRUE(segments.empty());
}

TEST(SubAllocator, LittleIsReservedBeyondWhatIsUsed) {
  int segments = 0;
  SubAllocator blocks(
      {},
      [&](int32_t, int64_t) {
        ++segments;
        return true;
      },
      [](int32_t) {});
  const int64_t sizes[] = {3 << 20, 700 << 10, 9 << 20, 1300 << 10, 40 << 10};
  for (int i = 0; blocks.in_use() < int64_t{4} << 30; ++i) {
    ASSERT_GE(blocks.allocate(sizes[i % 5]).segment, 0);
    if (blocks.in_use() >= 64 << 20) {
      ASSERT_LE(blocks.reserved(), blocks.in_use() * 5 / 4) << "with " << segments << " segments";
    }
  }
  EXPECT_LE(segments, 256);
}

TEST(SubAllocator, NoMemoryGivesNoBlock) {
  SubAllocator blocks(
      {}, [](int32_t, int64_t) { return false; }, [](int32_t) {});
  EXPECT_LT(blocks.allocate(100).segment, 0);
  EXPECT_EQ(blocks.in_use(), 0);
}

}  // namespace
}  // namespace lineshaft
