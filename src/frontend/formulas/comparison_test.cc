#include "lineshaft/frontend/formulas/comparison.h"

#include <limits>

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

TEST(ComparisonFormulas, NanWinsOrLoses) {
  Doubles a{1, -2, kNan, 1, kNan, -kInfinity}, b{2, -3, 1, kNan, kNan, kInfinity};
  expect_same(evaluate(formulas::maximum, a, b), {2, -2, kNan, kNan, kNan, kInfinity});
  expect_same(evaluate(formulas::minimum, a, b), {1, -3, kNan, kNan, kNan, -kInfinity});
  expect_same(evaluate(formulas::fmax, a, b), {2, -2, 1, 1, kNan, kInfinity});
  expect_same(evaluate(formulas::fmin, a, b), {1, -3, 1, 1, kNan, -kInfinity});
}

TEST(ComparisonFormulas, BoundsKeepZerosAndNans) {
  Doubles x{-2, 0.5, 3, -0.0, 0.0, kNan, -kInfinity};
  expect_same(evaluate(formulas::clamp_min, x, Doubles{0}), {0, 0.5, 3, -0.0, 0.0, kNan, 0});
  expect_same(evaluate(formulas::clamp_max, x, Doubles{0}), {-2, 0, 0, -0.0, 0.0, kNan, -kInfinity});
  expect_same(evaluate(formulas::clamp_min, Doubles{1}, Doubles{kNan}), {kNan});
}

TEST(ComparisonFormulas, HeavisideStep) {
  expect_same(evaluate(formulas::heaviside, Doubles{-3, 0, -0.0, 4, kInfinity, kNan}, Doubles{0.5}),
              {0, 0.5, 0.5, 1, 1, 0});
}

TEST(ComparisonFormulas, OfIntegersAndBools) {
  auto of_two = [](DType type, auto formula) {
    ProgramBuilder p;
    Expr a = p.input(type), b = p.input(type);
    p.output(formula(a, b), type);
    return p.finish();
  };
  std::vector<Tensor> numbers{test::vector_of<int64_t>({-1, 0, 5}), test::vector_of<int64_t>({3, 7, -2})};
  std::vector<Tensor> bools{Tensor(DType::kBool, {4}, std::vector<uint8_t>{0, 0, 1, 1}),
                            Tensor(DType::kBool, {4}, std::vector<uint8_t>{0, 1, 0, 1})};
  std::vector<int64_t> greater{3, 7, 5}, lesser{-1, 0, -2};
  std::vector<uint8_t> either{0, 1, 1, 1}, both{0, 0, 0, 1};
  for (auto formula : {formulas::maximum, formulas::fmax, formulas::clamp_min}) {
    EXPECT_EQ(test::results<int64_t>(of_two(DType::kI64, formula), numbers), greater);
    EXPECT_EQ(test::results<uint8_t>(of_two(DType::kBool, formula), bools), either);
  }
  for (auto formula : {formulas::minimum, formulas::fmin, formulas::clamp_max}) {
    EXPECT_EQ(test::results<int64_t>(of_two(DType::kI64, formula), numbers), lesser);
    EXPECT_EQ(test::results<uint8_t>(of_two(DType::kBool, formula), bools), both);
  }
  EXPECT_EQ(test::results<int64_t>(of_two(DType::kI64, formulas::heaviside), numbers), (std::vector<int64_t>{0, 7, 1}));
}

}  // namespace
}  // namespace lineshaft::frontend
