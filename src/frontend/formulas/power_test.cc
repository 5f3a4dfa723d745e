#include "lineshaft/frontend/formulas/power.h"

#include <limits>

#include "frontend/expect_same.h"
#include "frontend/run_program.h"

namespace lineshaft::frontend {
namespace {

using test::Doubles;
using test::evaluate;
using test::expect_close;
using test::expect_same;
using test::Tensor;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

TEST(PowerFormulas, Powers) {
  Doubles x{2, -3, 0.5, -0.0, kInfinity};
  expect_close(evaluate(formulas::pow_value, x, Doubles{3}), {8, -27, 0.125, -0.0, kInfinity});
  expect_same(evaluate(formulas::square, x), {4, 9, 0.25, 0, kInfinity});
  expect_same(evaluate(formulas::cube, x), {8, -27, 0.125, -0.0, kInfinity});
  expect_same(evaluate(formulas::reciprocal, x), {0.5, 1 / -3.0, 2, -kInfinity, 0});
  expect_same(evaluate(formulas::reciprocal_square, x), {0.25, 1 / 9.0, 4, kInfinity, 0});
}

TEST(PowerFormulas, CheapPowersAreThePowers) {
  Doubles x{2, 0.25, 3};
  for (int i = 0; i < formulas::kCheapPowers; ++i) {
    const formulas::CheapPower& power = formulas::cheap_power(i);
    EXPECT_EQ(formulas::find_cheap_power(power.exponent, false), i);
    EXPECT_EQ(formulas::find_cheap_power(power.exponent, true), power.integers ? i : -1);
    Doubles wanted;
    for (double value : x) wanted.push_back(std::pow(value, power.exponent));
    expect_close(evaluate(power.formula, x), wanted);
  }
  EXPECT_EQ(formulas::find_cheap_power(1.5, false), -1);
  EXPECT_EQ(formulas::find_cheap_power(kNan, false), -1);
}

TEST(PowerFormulas, PowersOfBools) {
  ProgramBuilder p;
  Expr x = p.input(DType::kBool), y = p.input(DType::kBool);
  p.output(formulas::pow_value(x, y), DType::kBool);
  std::vector<Tensor> inputs{Tensor(DType::kBool, {4}, std::vector<uint8_t>{0, 0, 1, 1}),
                             Tensor(DType::kBool, {4}, std::vector<uint8_t>{0, 1, 0, 1})};
  EXPECT_EQ(test::results<uint8_t>(p.finish(), inputs), (std::vector<uint8_t>{1, 0, 1, 1}));
}

TEST(PowerFormulas, LogarithmsOfSumsPassNoRange) {
  Doubles a{1, 1000, -1000, kInfinity, -kInfinity, -kInfinity, kNan}, b{2, 999, -1000, kInfinity, -kInfinity, 3, 1};
  double log2 = std::log(2.0);
  expect_close(evaluate(formulas::logaddexp, a, b),
               {std::log(std::exp(1.0) + std::exp(2.0)), 1000 + std::log1p(std::exp(-1.0)), -1000 + log2, kInfinity,
                -kInfinity, 3, kNan});
  expect_close(evaluate(formulas::logaddexp2, a, b),
               {std::log2(6.0), 1000 + std::log2(1.5), -999, kInfinity, -kInfinity, 3, kNan});
}

TEST(PowerFormulas, ZeroTimesALogarithmIsZero) {
  Doubles a{0, 0, 0, 2, 2, kNan, 0}, b{0, -1, kInfinity, 3, 0, 1, kNan};
  expect_close(evaluate(formulas::xlogy, a, b), {0, 0, 0, 2 * std::log(3.0), -kInfinity, kNan, kNan});
  expect_close(evaluate(formulas::xlog1py, a, b), {0, 0, 0, 2 * std::log(4.0), 0, kNan, kNan});
  expect_close(evaluate(formulas::xlog1py, Doubles{3}, Doubles{1e-20}), {3e-20});
}

}  // namespace
}  // namespace lineshaft::frontend
