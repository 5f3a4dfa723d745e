#include "lineshaft/frontend/formulas/positions.h"

#include "frontend/run_program.h"

namespace lineshaft::frontend::formulas {
namespace {

using test::Doubles;
using test::kNan;
using test::results;
using test::run;
using test::Tensor;
using test::vector_of;

using Longs = std::vector<int64_t>;

std::vector<Scalar> scalars(const Longs& values) {
  std::vector<Scalar> list;
  for (int64_t value : values) list.push_back(Scalar::of(value));
  return list;
}

// Of a tensor of sizes [2, 3, 4].
TEST(Positions, Coordinates) {
  Tensor numbers = vector_of<int64_t>({0, 17, 23});
  EXPECT_EQ(results<int64_t>(coordinate_program(), {numbers}, scalars({12, 2})), (Longs{0, 1, 1}));
  EXPECT_EQ(results<int64_t>(coordinate_program(), {numbers}, scalars({4, 3})), (Longs{0, 1, 2}));
  EXPECT_EQ(results<int64_t>(coordinate_program(), {numbers}, scalars({1, 4})), (Longs{0, 1, 3}));
}

TEST(Positions, CoordinatesPastTheEndAreFilled) {
  Tensor numbers = vector_of<int64_t>({23, 0, 17, 23});
  for (auto [count, wanted] : {std::pair{int64_t{2}, Longs{3, 0, -1, -1}}, {0, {-1, -1, -1, -1}}, {9, {3, 0, 1, 3}}})
    EXPECT_EQ(
        results<int64_t>(coordinate_or_fill_program(), {numbers, vector_of<int64_t>({count})}, scalars({1, 4, -1})),
        wanted);
}

TEST(Positions, PaddingGoesOnPastTheEdges) {
  auto positions = [](PadMode mode, int64_t size, int64_t before, int64_t source) {
    Tensor out(DType::kI64, {size});
    run(pad_position_program(mode), {out}, {}, scalars({before, source - 1}));
    return out.values<int64_t>();
  };
  EXPECT_EQ(positions(PadMode::kReflect, 8, 2, 4), (Longs{2, 1, 0, 1, 2, 3, 2, 1}));
  EXPECT_EQ(positions(PadMode::kReplicate, 8, 2, 4), (Longs{0, 0, 0, 1, 2, 3, 3, 3}));
  EXPECT_EQ(positions(PadMode::kReplicate, 2, -1, 4), (Longs{1, 2}));  // cut at both ends
  EXPECT_EQ(positions(PadMode::kReplicate, 3, 1, 1), (Longs{0, 0, 0}));
}

// As many steps as a search takes, whose boundaries are gathered here.
template <class T>
Longs search(const std::vector<T>& boundaries, const std::vector<T>& values, bool right) {
  auto size = static_cast<int64_t>(boundaries.size()), count = static_cast<int64_t>(values.size());
  Longs low(count, 0), high(count, size), place(count, size / 2);
  Tensor next_low(DType::kI64, {count}), next_high(DType::kI64, {count}), next_place(DType::kI64, {count});
  for (int64_t left = size; left > 0; left /= 2) {
    std::vector<T> found;
    for (int64_t at : place) found.push_back(boundaries.at(at));
    run(search_step_program(test::dtype_for<T>(), right), {next_low, next_high, next_place},
        {vector_of(low), vector_of(high), vector_of(place), vector_of(found), vector_of(values)}, scalars({size - 1}));
    low = next_low.values<int64_t>();
    high = next_high.values<int64_t>();
    place = next_place.values<int64_t>();
  }
  EXPECT_EQ(low, high);
  return low;
}

TEST(Positions, SearchesCountBoundaries) {
  for (int size = 1; size <= 9; ++size) {
    Doubles boundaries, values;
    for (int i = 0; i < size; ++i) boundaries.push_back(i / 2);  // NOLINT: each number twice
    for (double value = -1; value <= size; value += 0.5) values.push_back(value);
    Longs left, right;
    for (double value : values) {
      left.push_back(std::ranges::lower_bound(boundaries, value) - boundaries.begin());
      right.push_back(std::ranges::upper_bound(boundaries, value) - boundaries.begin());
    }
    EXPECT_EQ(search(boundaries, values, false), left) << size;
    EXPECT_EQ(search(boundaries, values, true), right) << size;
  }
}

TEST(Positions, NanLiesAboveAllNumbers) {
  for (bool right : {false, true}) {
    EXPECT_EQ(search<double>({1, 2, 3}, {kNan, test::kInfinity}, right), (Longs{3, 3}));
    EXPECT_EQ(search<double>({1, 2, 3, 4, kNan}, {0, kNan}, right), (Longs{0, 5}));
  }
}

// Numbers that no float holds apart.
TEST(Positions, SearchesOfIntegersAreExact) {
  int64_t large = int64_t{1} << 60;
  EXPECT_EQ(search<int64_t>({large, large + 1, large + 2}, {large + 1}, false), (Longs{1}));
  EXPECT_EQ(search<int64_t>({large, large + 1, large + 2}, {large + 1}, true), (Longs{2}));
}

}  // namespace
}  // namespace lineshaft::frontend::formulas
