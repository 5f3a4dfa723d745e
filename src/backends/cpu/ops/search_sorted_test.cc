#include "lineshaft/ops/search_sorted.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>

#include "backends/cpu/test_context.h"

namespace lineshaft::cpu {
namespace {

constexpr double kNoNumber = std::numeric_limits<double>::quiet_NaN();
using Places = std::vector<int64_t>;

// Where values belong in one sequence for all.
template <class T>
Places places(DType dtype, const std::vector<T>& sequence, const std::vector<T>& values, bool right,
              DType counts = DType::kI64) {
  TestContext context;
  auto count = static_cast<int64_t>(values.size());
  TensorView first = context.tensor(dtype, {static_cast<int64_t>(sequence.size())}, sequence),
             output = context.empty(counts, {count});
  const int64_t strides[] = {1}, bounds[] = {first.sizes[0]};
  first.sizes[0] = count;
  first.strides[0] = 0;
  run(context, SearchSorted{first, strides, bounds, right, context.tensor(dtype, {count}, values), output});
  return context.values<int64_t>(output);
}

TEST(SearchSorted, CountsInEveryDtype) {
  for (int dtype = 0; dtype < kDTypeCount; ++dtype)
    for (int size = 0; size <= 9; ++size) {
      auto type = static_cast<DType>(dtype);
      int64_t most = type == DType::kBool ? 1 : 4;
      std::vector<int64_t> sequence, values;
      for (int64_t i = 0; i < size; ++i) sequence.push_back(std::min(i / 2, most));
      for (int64_t value = 0; value <= most; ++value) values.push_back(value);
      if (is_float(type) || (is_int(type) && type != DType::kU8)) values.push_back(-3);
      Places left, right;
      for (int64_t value : values) {
        left.push_back(std::ranges::lower_bound(sequence, value) - sequence.begin());
        right.push_back(std::ranges::upper_bound(sequence, value) - sequence.begin());
      }
      for (DType counts : {DType::kI64, DType::kI32}) {
        EXPECT_EQ(places(type, sequence, values, false, counts), left) << name_of(type) << " of " << size;
        EXPECT_EQ(places(type, sequence, values, true, counts), right) << name_of(type) << " of " << size;
      }
    }
}

TEST(SearchSorted, NanLiesAboveAllNumbers) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (DType type : {DType::kF64, DType::kF32, DType::kF16, DType::kBF16})
    for (bool right : {false, true}) {
      EXPECT_EQ(places<double>(type, {1, 2, 3}, {kNoNumber, kInfinity}, right), (Places{3, 3}));
      EXPECT_EQ(places<double>(type, {1, 2, 3, 4, kNoNumber}, {0, kNoNumber}, right), (Places{0, 5}));
      // The first look, at the middle, meets NaN, and the search goes on behind it.
      EXPECT_EQ(places<double>(type, {1, kNoNumber, kNoNumber}, {0}, right), (Places{3}));
    }
}

TEST(SearchSorted, ZerosAreEqual) {
  for (DType type : {DType::kF64, DType::kF32, DType::kF16, DType::kBF16}) {
    EXPECT_EQ(places<double>(type, {-1, -0.0, 0.0, 1}, {0.0, -0.0}, false), (Places{1, 1}));
    EXPECT_EQ(places<double>(type, {-1, -0.0, 0.0, 1}, {0.0, -0.0}, true), (Places{3, 3}));
  }
}

// Numbers that no float holds apart.
TEST(SearchSorted, IntegersAreExact) {
  int64_t large = int64_t{1} << 60;
  EXPECT_EQ(places<int64_t>(DType::kI64, {large, large + 1, large + 2}, {large + 1}, false), (Places{1}));
  EXPECT_EQ(places<int64_t>(DType::kI64, {large, large + 1, large + 2}, {large + 1}, true), (Places{2}));
}

// Columns of a matrix, and values of another layout.
TEST(SearchSorted, SearchesAlongAnyAxis) {
  TestContext context;
  TensorView table = context.tensor<double>(DType::kF32, {3, 2}, {1, 10, 2, 20, 3, 30}),
             values = context.tensor<double>(DType::kF32, {2, 4}, {0, 1.5, 3, 5, 5, 10, 25, 99}),
             output = context.empty(DType::kI64, {4, 2});
  TensorView first = table;
  first.sizes[0] = 4;
  first.strides[0] = 0;
  std::swap(values.sizes[0], values.sizes[1]);
  std::swap(values.strides[0], values.strides[1]);
  const int64_t strides[] = {2}, bounds[] = {3};
  run(context, SearchSorted{first, strides, bounds, false, values, output});
  EXPECT_EQ(context.values<int64_t>(output), (Places{0, 0, 1, 0, 2, 2, 3, 3}));
}

TEST(SearchSorted, ManyValuesWithThreads) {
  std::mt19937_64 random(3);
  std::vector<int64_t> sequence(1000), values(50'000);
  for (int64_t& each : sequence) each = static_cast<int64_t>(random() % 5000);
  for (int64_t& each : values) each = static_cast<int64_t>(random() % 5000);
  std::ranges::sort(sequence);
  Places got = places(DType::kI32, sequence, values, false);
  for (size_t i = 0; i < values.size(); ++i)
    ASSERT_EQ(got[i], std::ranges::lower_bound(sequence, values[i]) - sequence.begin()) << i;
}

}  // namespace
}  // namespace lineshaft::cpu
