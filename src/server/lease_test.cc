#include "server/lease.h"

#include <gtest/gtest.h>

#include <random>

#include "lineshaft/base/error.h"

namespace lineshaft {
namespace {

constexpr int64_t kSlice = 4'000'000;

// Everybody always wants the device; each use takes up to `most` nanoseconds. What each got in all.
std::map<uint64_t, double> run(LeaseScheduler& lease, const std::map<uint64_t, int64_t>& most, int grants,
                               int64_t now = 0) {
  std::mt19937 random(3);
  std::map<uint64_t, double> got;
  for (const auto& [session, nanoseconds] : most) lease.want(session, now);
  for (int i = 0; i < grants; ++i) {
    auto holder = lease.grant(now);
    EXPECT_TRUE(holder);
    auto used = static_cast<int64_t>(random() % static_cast<uint64_t>(most.at(*holder))) + 1;
    now += used;
    got[*holder] += static_cast<double>(used);
    lease.give_back(*holder, now);
    lease.want(*holder, now);
  }
  return got;
}

TEST(LeaseScheduler, EqualGuestsGetEqualTimeWhateverTheySubmit) {
  LeaseScheduler lease(kSlice);
  std::map<uint64_t, int64_t> most = {{1, kSlice}, {2, kSlice / 10}, {3, kSlice * 5}, {4, kSlice}};
  for (const auto& each : most) lease.add(each.first, concat("uid:", each.first), 1);
  auto got = run(lease, most, 20000);
  double sum = 0, squares = 0;
  for (const auto& each : got) sum += each.second, squares += each.second * each.second;
  EXPECT_GT(sum * sum / (4 * squares), 0.999);  // Jain's index
}

TEST(LeaseScheduler, WeightsDivideTheTime) {
  LeaseScheduler lease(kSlice);
  lease.add(1, "uid:1", 3);
  lease.add(2, "uid:2", 1);
  auto got = run(lease, {{1, kSlice}, {2, kSlice}}, 10000);
  EXPECT_NEAR(got[1] / got[2], 3, 0.02);
}

TEST(LeaseScheduler, SessionsOfOneAccountShareItsWeight) {
  LeaseScheduler lease(kSlice);
  std::map<uint64_t, int64_t> most = {{1, kSlice}, {2, kSlice / 3}, {3, kSlice * 2}, {4, kSlice}};
  for (uint64_t session : {1, 2, 3}) lease.add(session, "uid:1", 1);
  lease.add(4, "uid:2", 2);
  auto got = run(lease, most, 20000);
  EXPECT_NEAR(got[4] / (got[1] + got[2] + got[3]), 2, 0.02);
  EXPECT_NEAR(got[1] / got[2], 1, 0.02);
  EXPECT_NEAR(got[1] / got[3], 1, 0.02);
}

TEST(LeaseScheduler, TimeThatWasNotUsedIsNotSavedUp) {
  LeaseScheduler lease(kSlice);
  lease.add(1, "uid:1", 1);
  lease.add(2, "uid:2", 1);
  run(lease, {{1, kSlice}}, 1000);  // alone for long
  auto got = run(lease, {{1, kSlice}, {2, kSlice}}, 1000, 1000 * kSlice);
  EXPECT_NEAR(got[1] / got[2], 1, 0.01);
}

TEST(LeaseScheduler, TimeThatWasUsedAloneIsNotHeldAgainstAnybody) {
  LeaseScheduler lease(kSlice);
  lease.add(1, "uid:1", 1);
  lease.add(2, "uid:2", 1);
  lease.want(1, 0);
  lease.grant(0);
  int64_t now = 1000 * kSlice;
  lease.want(2, now);
  EXPECT_EQ(lease.holder(), 1u);
  now += kSlice;
  EXPECT_TRUE(lease.due(now));
  lease.give_back(1, now);
  lease.want(1, now);
  EXPECT_EQ(lease.grant(now), 2u);
  now += kSlice + 1;
  EXPECT_TRUE(lease.due(now));
}

// One whose lists run for twenty slices, beside one that stops when it is asked.
TEST(LeaseScheduler, WhoOverrunsItsSlicePaysForIt) {
  LeaseScheduler lease(kSlice);
  lease.add(1, "uid:1", 1);
  lease.add(2, "uid:2", 1);
  auto got = run(lease, {{1, 40 * kSlice}, {2, kSlice}}, 20000);
  EXPECT_NEAR(got[1] / got[2], 1, 0.02);
}

// The heavier guest wants nothing for a moment after each use, as one does whose next list is on its way: the other
// gets the device out of turn, and pays for that too.
TEST(LeaseScheduler, WeightsHoldAcrossShortGaps) {
  LeaseScheduler lease(kSlice);
  lease.add(1, "uid:1", 3);
  lease.add(2, "uid:2", 1);
  std::map<uint64_t, int64_t> got;
  constexpr int64_t kGap = 50'000;
  int64_t now = 0;
  lease.want(1, now);
  lease.want(2, now);
  for (int i = 0; i < 4000; ++i) {
    uint64_t holder = lease.grant(now).value();
    int64_t began = now;
    if (holder == 2) lease.want(1, now += kGap);
    while (!lease.due(now) && (holder == 2 || now < began + 2 * kSlice))
      now = std::min(*lease.deadline(), now + kSlice);
    got[holder] += now - began;
    lease.give_back(holder, now);
    if (holder == 2) lease.want(2, now);
  }
  EXPECT_NEAR(static_cast<double>(got[1]) / static_cast<double>(got[2]), 3, 0.15);
}

// Another slice begins where the holder is owed more than who waits: it is not asked to stop only to go on.
TEST(LeaseScheduler, TheHolderGoesOnWhileItIsOwedMore) {
  LeaseScheduler lease(kSlice);
  lease.add(1, "uid:1", 3);
  lease.add(2, "uid:2", 1);
  std::map<uint64_t, int64_t> got;
  int64_t now = 0;
  int turns = 0;
  lease.want(1, now);
  lease.want(2, now);
  for (; now < 4000 * kSlice; ++turns) {
    uint64_t holder = lease.grant(now).value();
    int64_t began = now;
    lease.want(3 - holder, now);
    while (!lease.due(now)) now = *lease.deadline();
    EXPECT_FALSE(lease.deadline());
    EXPECT_EQ(lease.due_since(), now);
    got[holder] += now - began;
    lease.give_back(holder, now);
    lease.want(holder, now);
  }
  EXPECT_NEAR(static_cast<double>(got[1]) / static_cast<double>(got[2]), 3, 0.02);
  EXPECT_LE(turns, 2100);  // of 4000 slices: one turn of each in four
}

TEST(LeaseScheduler, WhoWaitsIsKnownUntilItIsGranted) {
  LeaseScheduler lease(kSlice);
  lease.add(1, "uid:1", 1);
  lease.add(2, "uid:2", 1);
  EXPECT_FALSE(lease.waits(1));
  lease.want(1, 0);
  EXPECT_TRUE(lease.waits(1));
  lease.grant(0);
  EXPECT_FALSE(lease.waits(1));
  lease.want(2, 0);
  EXPECT_TRUE(lease.waits(2));
  lease.remove(2, 0);
  EXPECT_FALSE(lease.waits(2));
}

TEST(LeaseScheduler, AsksTheHolderBackOnlyWhereOthersWait) {
  LeaseScheduler lease(kSlice);
  lease.add(1, "uid:1", 1);
  lease.add(2, "uid:2", 1);
  lease.want(1, 100);
  EXPECT_EQ(lease.grant(100), 1u);
  EXPECT_FALSE(lease.deadline());
  EXPECT_FALSE(lease.due(120));
  lease.want(2, 150);
  EXPECT_EQ(lease.deadline(), 100 + kSlice);
  EXPECT_FALSE(lease.grant(200));
  EXPECT_TRUE(lease.due(100 + 2 * kSlice));
  lease.remove(2, 100 + 2 * kSlice);
  EXPECT_FALSE(lease.due_since());
  lease.remove(1, 100 + 3 * kSlice);
  EXPECT_FALSE(lease.holder());
}

}  // namespace
}  // namespace lineshaft
