#include "backends/cpu/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <set>
#include <thread>
#include <utility>
#include <vector>

namespace lineshaft::cpu {
namespace {

using Parts = std::set<std::pair<int64_t, int64_t>>;

std::pair<Parts, std::set<std::thread::id>> parts_of(int64_t count, int64_t grain) {
  std::mutex mutex;
  Parts parts;
  std::set<std::thread::id> threads;
  parallel_for(count, grain, [&](int64_t begin, int64_t end) {
    std::lock_guard lock(mutex);
    parts.emplace(begin, end);
    threads.insert(std::this_thread::get_id());
  });
  return {parts, threads};
}

TEST(Parallel, AThreadThatHelpsDoesTheSamePartsAlone) {
  for (int64_t count : {1, 7, 1000, 65537})
    for (int64_t grain : {1, 100, 5000}) {
      Parts usual = parts_of(count, grain).first;
      Helping helping;
      auto [parts, threads] = parts_of(count, grain);
      EXPECT_EQ(parts, usual) << count << " by " << grain;
      EXPECT_EQ(threads, std::set{std::this_thread::get_id()});
    }
  EXPECT_FALSE(Helping::now());
}

TEST(Parallel, PartsThatRunAtOnceHaveSlotsOfTheirOwn) {
  auto expect_slots = [](int64_t count) {
    std::vector<std::atomic<int>> users(thread_count());
    std::atomic<int64_t> items{0};
    parallel_for_slots(count, 1, [&](int slot, int64_t begin, int64_t end) {
      ASSERT_TRUE(slot >= 0 && slot < thread_count()) << slot;
      EXPECT_EQ(++users[slot], 1);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      items += end - begin;
      --users[slot];
    });
    EXPECT_EQ(items, count);
  };
  for (int64_t count : {1, 7, 1000}) expect_slots(count);
  Helping helping;
  expect_slots(1000);
}

// A program may use OpenMP itself, and its threads may be numbered beyond this pool's.
TEST(Parallel, InAnotherParallelLoopTheThreadDoesAllPartsInSlotZero) {
  const int threads = thread_count() + 2;
#pragma omp parallel num_threads(threads)
  {
    auto caller = std::this_thread::get_id();
    parallel_for_slots(1000, 1, [&](int slot, int64_t, int64_t) {
      EXPECT_EQ(slot, 0);
      EXPECT_EQ(std::this_thread::get_id(), caller);
    });
  }
}

}  // namespace
}  // namespace lineshaft::cpu
