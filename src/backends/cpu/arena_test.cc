#include "backends/cpu/arena.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "backends/cpu/device.h"
#include "backends/cpu/poison.h"

namespace lineshaft::cpu {
namespace {

constexpr int64_t kNoLimit = INT64_MAX;

class Numbers {
 public:
  uint32_t operator()(uint32_t n) { return (state_ = state_ * 1664525 + 1013904223) / 7 % n; }

 private:
  uint32_t state_ = 7;
};

TEST(Arena, BlocksNeverOverlapAndEverythingComesBack) {
  Arena arena;
  struct Live {
    Arena::Block block;
    uint8_t value;
  };
  std::vector<Live> live;
  Numbers random;
  auto release = [&](size_t at) {
    const Live& dead = live[at];
    for (int64_t i : {int64_t{0}, dead.block.size / 2, dead.block.size - 1})
      ASSERT_EQ(static_cast<uint8_t>(arena.address(dead.block)[i]), dead.value);
    forbid(arena.address(dead.block), dead.block.size);
    arena.release(dead.block);
    live[at] = live.back();
    live.pop_back();
  };
  for (int round = 0; round < 5000; ++round) {
    if (live.size() > 40 || (!live.empty() && random(2))) {
      release(random(static_cast<uint32_t>(live.size())));
    } else {
      auto block = arena.allocate(1 + random(random(8) ? 4096 : 3 << 20), kNoLimit);
      ASSERT_TRUE(block);
      EXPECT_EQ(block.offset % 256, 0);
      EXPECT_LE(block.offset + block.size, arena.reserved());
      auto value = static_cast<uint8_t>(random(256));
      permit(arena.address(block), block.size);
      std::memset(arena.address(block), value, block.size);
      live.push_back({block, value});
    }
    if (round % 1000 == 999) arena.trim();
  }
  while (!live.empty()) release(live.size() - 1);
  EXPECT_EQ(arena.in_use(), 0);
  arena.trim();
  EXPECT_EQ(arena.reserved(), 0);
}

// Sizes of a convolutional network's step: activations are held until the backward pass takes them in turn.
TEST(Arena, LittleIsReservedForNothing) {
  Arena arena;
  const std::vector<int64_t> layers = {313600, 8652800, 8652800, 2163200, 3097600, 3097600, 774400, 51200, 4000};
  int64_t peak = 0;
  for (int step = 0; step < 20; ++step) {
    std::vector<Arena::Block> held;
    for (int64_t size : layers) {
      auto scratch = arena.allocate(size / 3, kNoLimit);
      held.push_back(arena.allocate(size, kNoLimit));
      peak = std::max(peak, arena.in_use());
      arena.release(scratch);
    }
    while (!held.empty()) {
      auto gradient = arena.allocate(held.back().size, kNoLimit);
      peak = std::max(peak, arena.in_use());
      arena.release(held.back());
      held.pop_back();
      arena.release(gradient);
    }
  }
  EXPECT_LE(arena.reserved(), peak + peak / 4);
}

TEST(Arena, StaysWithinItsLimit) {
  Arena arena;
  constexpr int64_t kLimit = 5 << 20;
  auto first = arena.allocate(3 << 20, kLimit);
  ASSERT_TRUE(first);
  EXPECT_FALSE(arena.allocate(3 << 20, kLimit));
  EXPECT_LE(arena.reserved(), kLimit);
  EXPECT_TRUE(arena.allocate(2 << 20, kLimit)) << "what is left of the limit";
  arena.release(first);
  EXPECT_TRUE(arena.allocate(3 << 20, kLimit));
  EXPECT_FALSE(arena.allocate(int64_t{1} << 60, kNoLimit));
}

TEST(Arena, TrimGivesBackWhatIsBehindTheLastBlock) {
  Arena arena;
  auto first = arena.allocate(10 << 20, kNoLimit), second = arena.allocate(10 << 20, kNoLimit),
       third = arena.allocate(10 << 20, kNoLimit);
  arena.release(first);
  arena.release(third);
  arena.trim();
  EXPECT_EQ(arena.reserved(), 20 << 20);
  arena.release(second);
  auto again = arena.allocate(30 << 20, kNoLimit);
  ASSERT_TRUE(again);
  EXPECT_EQ(again.offset, 0) << "the gaps are one";
  permit(arena.address(again), again.size);
  std::memset(arena.address(again), 1, again.size);
}

TEST(Arena, TrimLeavesAnEndThatIsNoWholeHugePageWhereItIs) {
  constexpr int64_t kSize = (2 << 20) + 4096;
  Arena arena;
  auto block = arena.allocate(kSize, kSize);
  ASSERT_TRUE(block);
  arena.trim();
  EXPECT_EQ(arena.reserved(), kSize);
  auto other = arena.allocate(4096, kNoLimit);
  ASSERT_TRUE(other);
  permit(arena.address(other), other.size);
  std::memset(arena.address(other), 1, static_cast<size_t>(other.size));
  EXPECT_GE(other.offset, kSize);
}

TEST(Memory, SmallBlocksThatWaitGiveWayToWhatNeedsTheirRoom) {
  constexpr int64_t kSmall = 4096 - kGap, kLimit = 64 * 4096;
  Memory memory;
  memory.limit(kLimit);
  std::vector<Arena::Block> blocks;
  for (int i = 0; i < 64; ++i) blocks.push_back(memory.allocate(kSmall));
  for (const auto& block : blocks) memory.free(block);
  EXPECT_EQ(memory.in_use(), 0);
  auto again = memory.allocate(kSmall);
  EXPECT_EQ(again.offset, blocks.back().offset) << "the last one that was freed is taken first";
  memory.free(again);
  auto whole = memory.allocate(kLimit - kGap);
  std::memset(memory.address(whole), 1, kLimit - kGap);
  memory.free(whole);
  memory.trim();
  EXPECT_EQ(memory.reserved(), 0);
}

}  // namespace
}  // namespace lineshaft::cpu
