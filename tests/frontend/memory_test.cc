#include <gtest/gtest.h>

#include <climits>

#include "lineshaft/frontend/allocation.h"
#include "lineshaft/frontend/memory_statistics.h"
#include "lineshaft/frontend/pinned_blocks.h"
#include "support/expected_error.h"

namespace lineshaft::frontend {
namespace {

TEST(FrontendMemory, AddressesNameAllocations) {
  Allocation* a = allocate(0, 1000);
  Allocation* b = allocate(0, 1000);
  EXPECT_EQ(find_allocation(a->address), a);
  EXPECT_EQ(find_allocation(a->address + 1000), a);  // one past the end is not the next one's first
  EXPECT_EQ(find_allocation(b->address + 999), b);
  EXPECT_TRUE(is_connected(*a));
  int local;
  expect_error("is not memory of a lineshaft device", [&] { find_allocation(&local); });
  release(a);
  release(b);
}

TEST(FrontendMemory, MoreThanThereIsIsOutOfMemory) {
  expect_error(ErrorCode::kOutOfMemory, "is out of memory", [] { allocate(0, int64_t{1} << 50); });
  expect_error(ErrorCode::kOutOfMemory, "is out of memory", [] { allocate(0, INT64_MAX); });
  expect_error(ErrorCode::kInvalidArgument, "a size is 0 or more", [] { allocate(0, -1); });
}

TEST(FrontendMemory, ANumberThatIsNotThereSaysWhatThereIs) {
  expect_error("lineshaft:63 is not there; there", [] { stream(63); });
  expect_error("lineshaft:-1 is not there; there", [] { stream(-1); });
  for (int index : {kDeviceNumbers, 1 << 20, INT_MAX, INT_MIN, -1}) {
    EXPECT_EQ(stream_if_open(index), nullptr);
    EXPECT_FALSE(is_open(index));
    expect_error("is not there; there", [&] { stream(index); });
    expect_error("is not there; there", [&] { memory_statistics(index); });
  }
}

TEST(FrontendMemory, StatisticsCountSinceTheirReset) {
  stream(0).wait();
  reset_accumulated_statistics(0);
  reset_peak_statistics(0);
  DeviceStatistics before = memory_statistics(0);
  Allocation* a = allocate(0, 4096);
  Allocation* b = allocate(0, 8192);
  release(a);
  DeviceStatistics after = memory_statistics(0);
  EXPECT_EQ(after.allocated_bytes.current, before.allocated_bytes.current + 8192);
  EXPECT_EQ(after.allocated_bytes.peak, before.allocated_bytes.current + 12288);
  EXPECT_EQ(after.allocated_bytes.allocated, before.allocated_bytes.allocated + 12288);
  EXPECT_EQ(after.allocations.current, before.allocations.current + 1);
  EXPECT_LE(memory_info(0).free, memory_info(0).total);
  release(b);
}

TEST(FrontendMemory, PinnedBlocksAreKnownByTheirAddresses) {
  PinnedStatistics before = pinned_statistics();
  auto* block = static_cast<std::byte*>(allocate_pinned(5000));
  EXPECT_TRUE(is_pinned(block));
  EXPECT_TRUE(is_pinned(block + 4999));
  EXPECT_FALSE(is_pinned(block + 8192));
  EXPECT_EQ(pinned_statistics().bytes, before.bytes + 8192);
  free_pinned(block);
  EXPECT_FALSE(is_pinned(block));
  std::byte local{};
  for (void* other : {static_cast<void*>(block), static_cast<void*>(&local)}) free_pinned(other);
  EXPECT_EQ(pinned_statistics().bytes, before.bytes);
  EXPECT_EQ(allocate_pinned(0), nullptr);
  free_pinned(nullptr);
  expect_error(ErrorCode::kOutOfMemory, "the host has no", [] { allocate_pinned(INT64_MAX); });
}

}  // namespace
}  // namespace lineshaft::frontend
