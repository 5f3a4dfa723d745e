#include "lineshaft/frontend/formulas/pooling.h"

#include "frontend/run_program.h"

namespace lineshaft::frontend::formulas {
namespace {

using test::Doubles;
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

// Four windows of 3 over 10 elements, for samples 0 and 0.75.
TEST(FractionalPooling, WindowsBeginWhereTheSampleSays) {
  Tensor samples(DType::kF64, {1, 2, 1, 1}, Doubles{0, 0.75}), out(DType::kI64, {1, 2, 4, 3});
  run(fractional_window_program(DType::kF64), {out}, {samples},
      {Scalar::of(7.0 / 3), Scalar::of(int64_t{3}), Scalar::of(int64_t{7})});
  EXPECT_EQ(out.values<int64_t>(), (Longs{0, 1, 2, 2, 3, 4, 4, 5, 6, 7, 8, 9,  //
                                          0, 1, 2, 3, 4, 5, 5, 6, 7, 7, 8, 9}));
}

// One window is the last one.
TEST(FractionalPooling, OneWindowLiesAtTheEnd) {
  Tensor samples(DType::kF32, {1, 1, 1, 1}, std::vector<float>{0.5f}), out(DType::kI64, {1, 1, 1, 2});
  run(fractional_window_program(DType::kF32), {out}, {samples},
      {Scalar::of(0.0), Scalar::of(int64_t{0}), Scalar::of(int64_t{3})});
  EXPECT_EQ(out.values<int64_t>(), (Longs{3, 4}));
}

TEST(FractionalPooling, WinnersAreCountedInThePlane) {
  EXPECT_EQ(results<int64_t>(window_winner_program(1), {vector_of<int64_t>({2, 0}), vector_of<int64_t>({4, 1})},
                             scalars({3, 9})),
            (Longs{6, 1}));
  // Places 4 and 2 of a window of 2 x 3 are [1, 1] and [0, 2].
  EXPECT_EQ(results<int64_t>(window_winner_program(2),
                             {vector_of<int64_t>({4, 2}), vector_of<int64_t>({3, 0}), vector_of<int64_t>({2, 1})},
                             scalars({2, 3, 5, 7})),
            (Longs{4 * 7 + 3, 3}));
  EXPECT_EQ(results<int64_t>(
                window_winner_program(3),
                {vector_of<int64_t>({5}), vector_of<int64_t>({1}), vector_of<int64_t>({2}), vector_of<int64_t>({3})},
                scalars({2, 2, 2, 4, 5, 6})),
            (Longs{(2 * 5 + 2) * 6 + 4}));
}

TEST(FractionalPooling, ArgumentsOfWindows) {
  auto list = fractional_window_arguments(DType::kF64, 10, 3, 4);
  EXPECT_EQ(list[0].as_double(), 7.0 / 3);
  EXPECT_EQ(list[1].as_int(), 3);
  EXPECT_EQ(list[2].as_int(), 7);
  EXPECT_EQ(fractional_window_arguments(DType::kF32, 10, 3, 4)[0].as_double(), static_cast<double>(7.0f / 3.0f));
  EXPECT_EQ(fractional_window_arguments(DType::kF32, 5, 2, 1)[0].as_double(), 0);
}

}  // namespace
}  // namespace lineshaft::frontend::formulas
