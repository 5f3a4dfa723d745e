#include "platform/addresses.h"

#include <gtest/gtest.h>

namespace lineshaft {
namespace {

TEST(Addresses, ARangeIsAlignedAndHasMemoryWhereThatIsPut) {
  constexpr int64_t kAlignment = int64_t{4} << 20, kBytes = int64_t{16} << 20;
  for (int round = 0; round < 8; ++round) {  // the system's own places differ
    std::byte* range = reserve_addresses(kBytes, kAlignment);
    ASSERT_NE(range, nullptr);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(range) % kAlignment, 0u);
    std::byte* part = range + kBytes - page_bytes();  // the last page is the range's, too
    ASSERT_TRUE(commit_memory(part, page_bytes()));
    EXPECT_EQ(part[0], std::byte{0});
    part[page_bytes() - 1] = std::byte{7};
    EXPECT_EQ(part[page_bytes() - 1], std::byte{7});
    release_addresses(range, kBytes);
  }
}

TEST(Addresses, WhatIsDiscardedComesBackEmpty) {
  std::byte* range = reserve_addresses(2 * page_bytes());
  ASSERT_NE(range, nullptr);
  ASSERT_TRUE(commit_memory(range, 2 * page_bytes()));
  range[0] = range[page_bytes()] = std::byte{7};
  discard_memory(range, page_bytes());
  EXPECT_EQ(range[0], std::byte{0});
  decommit_memory(range + page_bytes(), page_bytes());
  ASSERT_TRUE(commit_memory(range + page_bytes(), page_bytes()));
  EXPECT_EQ(range[page_bytes()], std::byte{0});
  release_addresses(range, 2 * page_bytes());
}

TEST(AddressesDeathTest, MemoryThatIsTakenAwayCannotBeRead) {
  std::byte* range = reserve_addresses(page_bytes());
  ASSERT_NE(range, nullptr);
  volatile std::byte* first = range;
  EXPECT_DEATH(static_cast<void>(first[0]), "");
  ASSERT_TRUE(commit_memory(range, page_bytes()));
  decommit_memory(range, page_bytes());
  EXPECT_DEATH(static_cast<void>(first[0]), "");
  release_addresses(range, page_bytes());
}

TEST(Addresses, WhatTheSystemHasNotIsRefused) {
  EXPECT_EQ(reserve_addresses(INT64_MAX / 2), nullptr);
  EXPECT_GE(page_bytes(), kPageBytes);
  EXPECT_GT(address_limit(), 0);
}

}  // namespace
}  // namespace lineshaft
