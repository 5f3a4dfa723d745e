#include "lineshaft/program/program_cache.h"

#include <gtest/gtest.h>

#include <thread>
#include <type_traits>
#include <vector>

#include "lineshaft/base/error.h"
#include "support/expected_error.h"

namespace lineshaft {
namespace {

// That the type is destroyed by doing nothing is what lets threads use one while the process exits.
static_assert(std::is_trivially_destructible_v<ProgramCache>);

// Caches are never destroyed; one that nothing points to would pass for a leak.
ProgramCache& new_cache() {
  static auto& made = *new std::vector<ProgramCache*>;
  return *made.emplace_back(new ProgramCache);
}

// x + number, which tells programs apart.
ProgramRef sum_program(ProgramCache& cache, uint64_t key, int number, std::atomic<int>* built = nullptr) {
  return cache.get(key, [&](ProgramBuilder& p) {
    if (built) ++*built;
    p.output(p.input(DType::kF32) + static_cast<double>(number), DType::kF32);
  });
}

TEST(ProgramCache, BuildsAProgramOnceForEachKey) {
  ProgramCache& cache = new_cache();
  std::atomic<int> built{0};
  constexpr int kKeys = 100;  // more than are found without a lock
  std::vector<ProgramRef> programs;
  for (int i = 0; i < kKeys; ++i) programs.push_back(sum_program(cache, key_of(i / 16, i % 16), i, &built));
  EXPECT_EQ(built, kKeys);
  for (int i = 0; i < kKeys; ++i) {
    EXPECT_EQ(sum_program(cache, key_of(i / 16, i % 16), i), programs[i]);
    for (int k = 0; k < i; ++k) EXPECT_NE(programs[i], programs[k]);
  }
  EXPECT_EQ(built, kKeys);
}

TEST(ProgramCache, AKeyThatLacksSomethingIsFoundWhereKeysAreChecked) {
  ProgramCache& cache = new_cache();
  sum_program(cache, key_of(1), 1);
  ProgramCache::check_keys();
  sum_program(cache, key_of(1), 1);
  expect_error(ErrorCode::kInternal, "lacks something that tells them apart",
               [&] { sum_program(cache, key_of(1), 2); });
}

TEST(ProgramCache, AKeyTellsItsPartsAndTheirNumberApart) {
  EXPECT_NE(key_of(1, 2), key_of(2, 1));
  EXPECT_NE(key_of(0), key_of(0, 0));
  EXPECT_NE(key_of(DType::kF64), 0u);
  EXPECT_EQ(key_of(DType::kF32, true), key_of(1, 1));
  for (int part : {-1, 16, 1000}) {
    try {
      key_of(0, part);
      ADD_FAILURE() << part << " is taken";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInternal);
    }
  }
}

TEST(ProgramCache, AViewThatIsAbsentHasAPartOfItsOwn) {
  for (int i = 0; i < kDTypeCount; ++i) {
    TensorView view = contiguous_view(BufferId::make(0, 1), static_cast<DType>(i), {2});
    EXPECT_EQ(dtype_or_absent(view), i);
    EXPECT_NE(dtype_or_absent(TensorView{}), i);
  }
}

TEST(ProgramCache, ThreadsGetTheSamePrograms) {
  ProgramCache& cache = new_cache();
  constexpr int kThreads = 4, kKeys = 64;
  std::vector<std::vector<ProgramRef>> seen(kThreads);
  std::vector<std::thread> threads;
  for (auto& programs : seen)
    threads.emplace_back([&] {
      for (int i = 0; i < kKeys; ++i) programs.push_back(sum_program(cache, key_of(i / 16, i % 16), i));
    });
  for (std::thread& thread : threads) thread.join();
  for (const auto& programs : seen) EXPECT_EQ(programs, seen[0]);
}

}  // namespace
}  // namespace lineshaft
