#include "lineshaft/base/inline_vector.h"

#include <gtest/gtest.h>

#include <numeric>
#include <utility>

namespace lineshaft {
namespace {

using Numbers = InlineVector<int, 3>;

Numbers counted(int count) {
  Numbers numbers;
  for (int i = 0; i < count; ++i) numbers.push_back(i);
  return numbers;
}

// Sizes inside it, at its end, and on the heap.
class InlineVectorOf : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Sizes, InlineVectorOf, testing::Values(0, 1, 3, 4, 7, 100));

TEST_P(InlineVectorOf, KeepsItsElementsWhenCopiedAndMoved) {
  Numbers numbers = counted(GetParam());
  ASSERT_EQ(numbers.size(), static_cast<size_t>(GetParam()));
  Numbers copy = numbers, assigned = counted(5);
  assigned = numbers;
  Numbers moved = std::move(numbers);
  EXPECT_TRUE(numbers.empty());  // NOLINT: what is moved from is empty
  numbers.push_back(1);
  Numbers taken = counted(9);
  taken = std::move(moved);
  for (const Numbers& each : {copy, assigned, taken}) {
    ASSERT_EQ(each.size(), static_cast<size_t>(GetParam()));
    for (int i = 0; i < GetParam(); ++i) EXPECT_EQ(each[i], i);
  }
}

TEST_P(InlineVectorOf, GrowsWithDefaultValuesAndShrinks) {
  Numbers numbers = counted(GetParam());
  numbers.resize(numbers.size() + 6);
  EXPECT_EQ(std::accumulate(numbers.begin(), numbers.end(), 0), GetParam() * (GetParam() - 1) / 2);
  numbers.resize(2);
  numbers.resize(4);
  EXPECT_EQ(numbers[2] + numbers[3], 0);
}

TEST(InlineVector, TakesAnElementOfItsOwn) {
  Numbers numbers = counted(3);
  numbers.push_back(numbers[2]);
  EXPECT_EQ(numbers.back(), 2);
}

}  // namespace
}  // namespace lineshaft
