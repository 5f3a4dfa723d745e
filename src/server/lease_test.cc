#include "server/lease.h"

#include <gtest/gtest.h>

#include <random>

namespace lineshaft {
namespace {

constexpr int64_t kSlice = 4'000'000;

// Everybody always wants the device; each use takes up to `most` nanoseconds. What each got in all.
std::map<uint64_t, double> run(LeaseScheduler& lease, const std::map<uint64_t, int64_t>& most, int grants) {
  std::mt19937 random(3);
  std::map<uint64_t, double> got;
  int64_t now = 0;
  for (const auto& [session, nanoseconds] : most) lease.want(session, now);
  for (int i = 0; i < grants; ++i) {
    auto holder = lease.grant(now);
    EXPECT_TRUE(holder);
    auto used = static_cast<int64_t>(random() % static_cast<uint64_t>(most.at(*holder))) + 1;
    now += used;
    got[*holder] += static_cast<double>(used);
    lease.give_back(*holder, used, now);
    lease.want(*holder, now);
  }
  return got;
}

TEST(LeaseScheduler, EqualGuestsGetEqualTimeWhateverTheySubmit) {
  LeaseScheduler lease(kSlice);
  std::map<uint64_t, int64_t> most = {{1, kSlice}, {2, kSlice / 10}, {3, kSlice * 5}, {4, kSlice}};
  for (const auto& each : most) lease.add(each.first, 1);
  auto got = run(lease, most, 20000);
  double sum = 0, squares = 0;
  for (const auto& each : got) sum += each.second, squares += each.second * each.second;
  EXPECT_GT(sum * sum / (4 * squares), 0.999);  // Jain's index
}

TEST(LeaseScheduler, WeightsDivideTheTime) {
  LeaseScheduler lease(kSlice);
  lease.add(1, 3);
  lease.add(2, 1);
  auto got = run(lease, {{1, kSlice}, {2, kSlice}}, 10000);
  EXPECT_NEAR(got[1] / got[2], 3, 0.02);
}

TEST(LeaseScheduler, TimeThatWasNotUsedIsNotSavedUp) {
  LeaseScheduler lease(kSlice);
  lease.add(1, 1);
  lease.add(2, 1);
  run(lease, {{1, kSlice}}, 1000);  // alone for long
  auto got = run(lease, {{1, kSlice}, {2, kSlice}}, 1000);
  EXPECT_NEAR(got[1] / got[2], 1, 0.1);
}

TEST(LeaseScheduler, TimeThatWasUsedAloneIsNotHeldAgainstAnybody) {
  LeaseScheduler lease(kSlice);
  lease.add(1, 1);
  lease.add(2, 1);
  int64_t alone = 1000 * kSlice, now = alone, first = 0, second = 0;
  lease.want(1, 0);
  lease.grant(0);
  lease.want(2, now, alone);
  lease.give_back(1, alone, now);
  lease.want(1, now);
  for (int i = 0; i < 100; ++i) {
    uint64_t holder = lease.grant(now).value();
    now += kSlice;
    (holder == 1 ? first : second) += 1;
    lease.give_back(holder, kSlice, now);
    lease.want(holder, now);
  }
  EXPECT_GE(first, 45);  // a newcomer is at most its saved slices ahead
  EXPECT_LE(first, 50);
}

// The heavier guest wants nothing for a moment after each use, as one does whose next list is on its way.
TEST(LeaseScheduler, WeightsHoldAcrossShortGaps) {
  LeaseScheduler lease(kSlice);
  lease.add(1, 3);
  lease.add(2, 1);
  std::map<uint64_t, int64_t> got;
  int64_t now = 0, use = kSlice / 4;
  lease.want(1, now);
  lease.want(2, now);
  for (int i = 0; i < 4000; ++i) {
    uint64_t holder = lease.grant(now).value();
    now += use;
    got[holder] += use;
    lease.give_back(holder, use, now);
    if (holder == 2) lease.want(1, now);  // it comes after the other was granted
    lease.want(2, now);
    if (holder == 1 && i % 8 == 0) continue;
    lease.want(1, now);
  }
  EXPECT_NEAR(static_cast<double>(got[1]) / static_cast<double>(got[2]), 3, 0.15);
}

TEST(LeaseScheduler, AGuestThatSaysItUsedNothingGainsNothing) {
  LeaseScheduler lease(kSlice);
  lease.add(1, 1);
  lease.add(2, 1);
  std::map<uint64_t, int64_t> got;
  int64_t now = 0;
  lease.want(1, now);
  lease.want(2, now);
  for (int i = 0; i < 1000; ++i) {
    uint64_t holder = lease.grant(now).value();
    now += kSlice;
    got[holder] += kSlice;
    lease.give_back(holder, holder == 1 ? 0 : kSlice, now);
    lease.want(holder, now);
  }
  EXPECT_NEAR(static_cast<double>(got[1]) / static_cast<double>(got[2]), 1, 0.01);
}

TEST(LeaseScheduler, WhoWaitsIsKnownUntilItIsGranted) {
  LeaseScheduler lease(kSlice);
  lease.add(1, 1);
  lease.add(2, 1);
  EXPECT_FALSE(lease.waits(1));
  lease.want(1, 0);
  EXPECT_TRUE(lease.waits(1));
  lease.grant(0);
  EXPECT_FALSE(lease.waits(1));
  lease.want(2, 0);
  EXPECT_TRUE(lease.waits(2));
  lease.remove(2);
  EXPECT_FALSE(lease.waits(2));
}

TEST(LeaseScheduler, AsksTheHolderBackOnlyWhereOthersWait) {
  LeaseScheduler lease(kSlice);
  lease.add(1, 1);
  lease.add(2, 1);
  lease.want(1, 100);
  EXPECT_EQ(lease.grant(100), 1u);
  EXPECT_FALSE(lease.deadline());
  lease.want(2, 150);
  EXPECT_EQ(lease.deadline(), 100 + kSlice);
  EXPECT_FALSE(lease.grant(200));
  lease.remove(1);
  EXPECT_EQ(lease.grant(200), 2u);
}

}  // namespace
}  // namespace lineshaft
