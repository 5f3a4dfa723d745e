#include "lineshaft/frontend/formulas/positions.h"

#include "frontend/run_program.h"

namespace lineshaft::frontend::formulas {
namespace {

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

}  // namespace
}  // namespace lineshaft::frontend::formulas
