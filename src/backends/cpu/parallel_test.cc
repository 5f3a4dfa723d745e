#include "backends/cpu/parallel.h"

#include <gtest/gtest.h>

#include <mutex>
#include <set>
#include <thread>
#include <utility>

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

}  // namespace
}  // namespace lineshaft::cpu
