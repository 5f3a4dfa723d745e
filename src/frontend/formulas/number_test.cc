#include "lineshaft/frontend/formulas/number.h"

#include <limits>
#include <numbers>

#include "frontend/expect_same.h"
#include "frontend/run_program.h"

namespace lineshaft::frontend {
namespace {

using test::Doubles;
using test::evaluate;
using test::expect_same;
using test::Tensor;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

TEST(NumberFormulas, SignOfANanIsZero) {
  expect_same(evaluate(formulas::sign_value, Doubles{-2, 0, 3, kInfinity, -kInfinity, kNan}), {-1, 0, 1, 1, -1, 0});
}

TEST(NumberFormulas, RoundingOfFloats) {
  Doubles x{-2.5, -0.5, 0.5, 1.5, 2.7, kInfinity, kNan};
  expect_same(evaluate(formulas::floor_value, x), {-3, -1, 0, 1, 2, kInfinity, kNan});
  expect_same(evaluate(formulas::ceil_value, x), {-2, -0.0, 1, 2, 3, kInfinity, kNan});
  expect_same(evaluate(formulas::trunc_value, x), {-2, -0.0, 0, 1, 2, kInfinity, kNan});
  expect_same(evaluate(formulas::round_value, x), {-2, -0.0, 0, 2, 3, kInfinity, kNan});
  expect_same(evaluate(formulas::frac, x), {-0.5, -0.5, 0.5, 0.5, 2.7 - 2, kNan, kNan});
}

TEST(NumberFormulas, IntegersStayAsTheyAre) {
  std::vector<int64_t> numbers{-7, 0, INT64_MAX};
  for (auto formula : {formulas::floor_value, formulas::ceil_value, formulas::trunc_value, formulas::round_value}) {
    ProgramBuilder p;
    p.output(formula(p.input(DType::kI64)), DType::kI64);
    EXPECT_EQ(test::results<int64_t>(p.finish(), {test::vector_of(numbers)}), numbers);
  }
  ProgramBuilder p;
  p.output(formulas::sign_value(p.input(DType::kI64)), DType::kI64);
  EXPECT_EQ(test::results<int64_t>(p.finish(), {test::vector_of(numbers)}), (std::vector<int64_t>{-1, 0, 1}));
}

TEST(NumberFormulas, RoundingToDigits) {
  expect_same(evaluate(formulas::round_decimals, Doubles{1.2345, -0.005, kInfinity}, Doubles{100}),
              {1.23, -0.0, kInfinity});
  expect_same(evaluate(formulas::round_decimals, Doubles{1}, Doubles{kInfinity}), {kNan});
  expect_same(evaluate(formulas::round_to_multiple, Doubles{1234, -1250, 1350}, Doubles{100}), {1200, -1200, 1400});
}

TEST(NumberFormulas, AnglesOfRealNumbers) {
  expect_same(evaluate(formulas::angle, Doubles{-2, -0.0, 0, 3, -kInfinity, kNan}),
              {std::numbers::pi, 0, 0, 0, std::numbers::pi, kNan});
}

TEST(NumberFormulas, SignBits) {
  auto of_one = formulas::signbit_program;
  Doubles floats{-1, -0.0, 0, 2, -kInfinity, std::copysign(kNan, -1.0), std::copysign(kNan, 1.0)};
  EXPECT_EQ(test::results<uint8_t>(of_one(DType::kF64), {test::vector_of(floats)}),
            (std::vector<uint8_t>{1, 1, 0, 0, 1, 1, 0}));
  EXPECT_EQ(test::results<uint8_t>(of_one(DType::kI8), {test::vector_of<int8_t>({-128, 0, 127})}),
            (std::vector<uint8_t>{1, 0, 0}));
  EXPECT_EQ(test::results<uint8_t>(of_one(DType::kU8), {test::vector_of<uint8_t>({255})}), std::vector<uint8_t>{0});
  EXPECT_EQ(test::results<uint8_t>(of_one(DType::kBool), {Tensor(DType::kBool, {1}, std::vector<uint8_t>{1})}),
            std::vector<uint8_t>{0});
}

TEST(NumberFormulas, NansAndInfinitiesBecomeNumbers) {
  expect_same(
      evaluate(formulas::nan_to_num, Doubles{kNan, kInfinity, -kInfinity, -0.0}, Doubles{1}, Doubles{2}, Doubles{3}),
      {1, 2, 3, -0.0});
}

// The neighbours that a half type has by its bits: of one sign, they count up with the magnitude.
void expect_neighbours(DType type, Expr (*formula)(Expr, Expr), uint16_t infinity) {
  ProgramBuilder p;
  Expr x = p.input(type), toward = p.input(type);
  p.output(formula(x, toward), type);
  ProgramRef program = p.finish();
  std::vector<uint16_t> numbers, up, down;
  for (int bits = 0; bits < infinity; ++bits) {
    numbers.push_back(static_cast<uint16_t>(bits));
    up.push_back(static_cast<uint16_t>(bits + 1));
    down.push_back(static_cast<uint16_t>(bits == 0 ? 0x8001 : bits - 1));
  }
  numbers.push_back(infinity);
  up.push_back(infinity);
  down.push_back(static_cast<uint16_t>(infinity - 1));
  Tensor from(type, {static_cast<int64_t>(numbers.size())}, numbers);
  Tensor highest(type, {1}, std::vector<uint16_t>{infinity});
  Tensor lowest(type, {1}, std::vector<uint16_t>{static_cast<uint16_t>(infinity | 0x8000)});
  EXPECT_EQ(test::results<uint16_t>(program, {from, highest}), up);
  EXPECT_EQ(test::results<uint16_t>(program, {from, lowest}), down);
}

TEST(NumberFormulas, NeighboursOfEveryHalf) {
  expect_neighbours(DType::kF16, formulas::nextafter_f16, 0x7c00);
  expect_neighbours(DType::kBF16, formulas::nextafter_bf16, 0x7f80);
}

TEST(NumberFormulas, NeighboursByTheDtype) {
  expect_neighbours(DType::kF16, formulas::nextafter_formula(DType::kF16), 0x7c00);
  expect_neighbours(DType::kBF16, formulas::nextafter_formula(DType::kBF16), 0x7f80);
  expect_same(evaluate(formulas::nextafter_formula(DType::kF64), Doubles{1, 1}, Doubles{2, 0}),
              {1 + 0x1p-52, 1 - 0x1p-53});
}

TEST(NumberFormulas, PowersOfTwoBeyondTheRange) {
  Doubles x{1.5, 0x1p-1000, 0x1p1000, 3, 1, 0, kInfinity, kNan}, n{3, 1500, -1500, -1074, 5000, 5000, -5000, 1};
  Doubles wanted;
  for (size_t i = 0; i < x.size(); ++i) wanted.push_back(std::ldexp(x[i], static_cast<int>(n[i])));
  expect_same(evaluate(formulas::ldexp, x, n), wanted);
}

TEST(NumberFormulas, ExponentsAreNotRoundedToTheResult) {
  // bf16 has no 131: the nearest ones are 130 and 132.
  ProgramRef program = formulas::ldexp_program(DType::kBF16, DType::kBF16, DType::kI32, DType::kF32);
  Tensor x(DType::kBF16, {1}, std::vector<uint16_t>{0x0080});  // 2^-126
  EXPECT_EQ(test::results<float>(program, {x, test::vector_of<int32_t>({257})}),
            std::vector<float>{std::ldexp(1.F, 131)});
  EXPECT_EQ(test::results<float>(program, {x, test::vector_of<int32_t>({131})}), std::vector<float>{32});
}

TEST(NumberFormulas, PowersOfTenThatFloatDoesNotHoldAreInfinite) {
  EXPECT_EQ(formulas::decimal_power(3, DType::kF32), 1000);
  EXPECT_EQ(formulas::decimal_power(-2, DType::kF16), 100);
  EXPECT_EQ(formulas::decimal_power(39, DType::kF32), kInfinity);
  EXPECT_EQ(formulas::decimal_power(39, DType::kF64), 1e39);
}

}  // namespace
}  // namespace lineshaft::frontend
