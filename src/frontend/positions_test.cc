#include "lineshaft/frontend/positions.h"

#include <gtest/gtest.h>

#include "frontend/tensor.h"
#include "lineshaft/frontend/devices.h"
#include "support/expected_error.h"

namespace lineshaft::frontend {
namespace {

using test::Tensor;
using Longs = std::vector<int64_t>;

int64_t found_in(const Tensor& mask, const Tensor& positions) {
  Tensor count(DType::kI64, {1});
  return compact(stream(0), view_of(mask.ref()), view_of(positions.ref()), view_of(count.ref()));
}

TEST(FrontendPositions, WhatIsNotZeroIsCountedAndNumbered) {
  Tensor mask(DType::kF32, {2, 3}, std::vector<float>{0, -2, 0, 0.5f, 0, 1}), positions(DType::kI64, {6});
  ASSERT_EQ(found_in(mask, positions), 3);
  Longs numbers = positions.values<int64_t>();
  numbers.resize(3);
  EXPECT_EQ(numbers, (Longs{1, 3, 5}));
  Tensor none(DType::kF32, {2, 0});
  EXPECT_EQ(found_in(none, positions), 0);
}

TEST(FrontendPositions, NumbersBecomeCoordinates) {
  Tensor numbers(DType::kI64, {3}, Longs{1, 7, 23}), out(DType::kI64, {3, 3});
  const int64_t sizes[] = {2, 3, 4};
  record_coordinates(stream(0), numbers, sizes, out);
  EXPECT_EQ(out.values<int64_t>(), (Longs{0, 0, 1, 0, 1, 3, 1, 2, 3}));
}

// A matrix that lies in memory column by column.
TEST(FrontendPositions, CoordinatesAreStoredWhereTheViewSays) {
  Tensor numbers(DType::kI64, {2}, Longs{1, 5}), memory(DType::kI64, {4});
  const int64_t sizes[] = {2, 3};
  record_coordinates(stream(0), numbers, sizes, memory.view({2, 2}, {1, 2}));
  EXPECT_EQ(memory.values<int64_t>(), (Longs{0, 1, 1, 2}));
}

TEST(FrontendPositions, RowsPastTheCountAreFilled) {
  Tensor numbers(DType::kI64, {3}, Longs{2, 5, 99}), count(DType::kI64, {1}, Longs{2}), out(DType::kI64, {3, 2});
  const int64_t sizes[] = {2, 3};
  TensorRef only = count;
  record_coordinates(stream(0), numbers, sizes, out, &only, -7);
  EXPECT_EQ(out.values<int64_t>(), (Longs{0, 2, 1, 2, -7, -7}));
}

TEST(FrontendPositions, SizesThatDoNotGoTogetherAreRefused) {
  Tensor numbers(DType::kI64, {3}), out(DType::kI64, {3, 2});
  const int64_t sizes[] = {2, 3, 4};
  expect_error(ErrorCode::kInvalidArgument, "a column for each axis",
               [&] { record_coordinates(stream(0), numbers, sizes, out); });
}

}  // namespace
}  // namespace lineshaft::frontend
