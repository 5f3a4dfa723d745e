#include "backends/remote/window_ring.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace lineshaft::remote {
namespace {

TEST(WindowRing, GivesRoomBackInOrder) {
  WindowRing ring(256);
  EXPECT_EQ(ring.allocate(128), 0u);
  ring.mark(1);
  EXPECT_EQ(ring.allocate(100), 128u);  // takes 128
  ring.mark(2);
  EXPECT_FALSE(ring.allocate(1));
  ring.release(1);
  EXPECT_EQ(ring.allocate(64), 0u);  // at the very end it wraps without padding
  EXPECT_FALSE(ring.allocate(128));
  ring.mark(3);
  ring.release(3);
  EXPECT_TRUE(ring.empty());
  EXPECT_FALSE(ring.allocate(257));
  EXPECT_EQ(ring.allocate(256), 0u);
}

TEST(WindowRing, PiecesNeverOverlapNorLeaveTheWindow) {
  constexpr uint64_t kSize = 1 << 16;
  WindowRing ring(kSize);
  std::mt19937 random(7);
  struct Piece {
    uint64_t list, at, bytes;
  };
  std::vector<Piece> live;
  uint64_t list = 0, done = 0;
  for (int step = 0; step < 20000; ++step) {
    uint64_t bytes = 1 + random() % 9000;
    auto at = ring.allocate(bytes);
    if (at) {
      ASSERT_LE(*at + bytes, kSize);
      for (const Piece& piece : live) ASSERT_TRUE(*at >= piece.at + piece.bytes || *at + bytes <= piece.at);
      live.push_back({list + 1, *at, bytes});
      if (random() % 3 == 0) ring.mark(++list);
    } else {
      ring.mark(++list);
      done = std::min(list, done + 1 + random() % 3);
      ring.release(done);
      std::erase_if(live, [&](const Piece& piece) { return piece.list <= done; });
    }
  }
}

}  // namespace
}  // namespace lineshaft::remote
