#include "lineshaft/frontend/formulas/arithmetic.h"

#include <limits>
#include <numeric>

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

// formula(a, b) of elements of `type`, which T holds.
template <class T, class F>
std::vector<T> of_pairs(DType type, F formula, const std::vector<T>& a, const std::vector<T>& b) {
  ProgramBuilder p;
  Expr x = p.input(type), y = p.input(type);
  p.output(formula(x, y), type);
  auto size = static_cast<int64_t>(a.size());
  return test::results<T>(p.finish(), {Tensor(type, {size}, a), Tensor(type, {size}, b)});
}

TEST(ArithmeticFormulas, SumsAndProductsOfBoolsAreLogic) {
  std::vector<uint8_t> a{0, 0, 1, 1}, b{0, 1, 0, 1};
  EXPECT_EQ(of_pairs<uint8_t>(DType::kBool, formulas::add, a, b), (std::vector<uint8_t>{0, 1, 1, 1}));
  EXPECT_EQ(of_pairs<uint8_t>(DType::kBool, formulas::mul, a, b), (std::vector<uint8_t>{0, 0, 0, 1}));
  expect_same(evaluate(formulas::add, Doubles{1, -0.0}, Doubles{2, -0.0}), {3, -0.0});
  expect_same(evaluate(formulas::mul, Doubles{3, kInfinity}, Doubles{-2, 0}), {-6, kNan});
}

TEST(ArithmeticFormulas, QuotientsOfFloats) {
  Doubles a{7, -7, 7, -7, 6, -0.0, 1, -1, 0, 5, kNan}, b{2, 2, -2, -2, 3, 3, 0, 0, 0, -kInfinity, 1};
  expect_same(evaluate(formulas::floor_divide, a, b), {3, -4, -4, 3, 2, -0.0, kInfinity, -kInfinity, kNan, -1, kNan});
  expect_same(evaluate(formulas::trunc_divide, a, b), {3, -3, -3, 3, 2, -0.0, kInfinity, -kInfinity, kNan, -0.0, kNan});
  expect_same(evaluate(formulas::remainder, a, b), {1, 1, -1, -1, 0, -0.0, kNan, kNan, kNan, -kInfinity, kNan});
  // 1 / 0.1 is rounded to 10, but 0.1 is more than a tenth, and goes into 1 nine times.
  expect_same(evaluate(formulas::floor_divide, Doubles{1}, Doubles{0.1}), {9});
  // What the remainder leaves is 250 divisors, but its quotient is rounded to a number below 250.
  expect_same(evaluate(formulas::floor_divide, Doubles{42.85171484910306}, Doubles{0.1711788476588256}), {250});
}

TEST(ArithmeticFormulas, QuotientsOfIntegers) {
  std::vector<int64_t> a{7, -7, 7, -7, 6, -6, 5, -5, 0}, b{2, 2, -2, -2, 3, 3, 0, 0, 0};
  EXPECT_EQ(of_pairs<int64_t>(DType::kI64, formulas::floor_divide, a, b),
            (std::vector<int64_t>{3, -4, -4, 3, 2, -2, 0, -1, 0}));
  EXPECT_EQ(of_pairs<int64_t>(DType::kI64, formulas::trunc_divide, a, b),
            (std::vector<int64_t>{3, -3, -3, 3, 2, -2, 0, 0, 0}));
  EXPECT_EQ(of_pairs<int64_t>(DType::kI64, formulas::remainder, a, b),
            (std::vector<int64_t>{1, 1, -1, -1, 0, 0, 0, 0, 0}));
}

template <class T>
void expect_divisors(DType type, const std::vector<T>& a, const std::vector<T>& b) {
  auto gcd = of_pairs<T>(
      type, [=](Expr x, Expr y) { return formulas::gcd(x, y, type); }, a, b);
  auto lcm = of_pairs<T>(
      type, [=](Expr x, Expr y) { return formulas::lcm(x, y, type); }, a, b);
  for (size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(gcd[i], static_cast<T>(std::gcd(int64_t{a[i]}, int64_t{b[i]}))) << i;
    EXPECT_EQ(lcm[i], static_cast<T>(std::lcm(int64_t{a[i]}, int64_t{b[i]}))) << i;
  }
}

TEST(ArithmeticFormulas, DivisorsAndMultiples) {
  expect_divisors<int64_t>(DType::kI64, {12, -12, 0, 7, 0}, {18, 18, 5, 0, 0});
  expect_divisors<int32_t>(DType::kI32, {12, -12, 0, 7, 0}, {-18, 18, 5, 0, 0});
  expect_divisors<int8_t>(DType::kI8, {12, -9, 0, 1}, {8, 6, 0, -1});
  expect_divisors<uint8_t>(DType::kU8, {12, 200, 0, 255}, {8, 25, 0, 5});
  // The largest neighbours in Fibonacci's sequence that a dtype holds take all divisions.
  auto gcd_of = [](DType type) { return [=](Expr x, Expr y) { return formulas::gcd(x, y, type); }; };
  EXPECT_EQ(of_pairs<int64_t>(DType::kI64, gcd_of(DType::kI64), {7540113804746346429}, {4660046610375530309})[0], 1);
  EXPECT_EQ(of_pairs<int32_t>(DType::kI32, gcd_of(DType::kI32), {1836311903}, {1134903170})[0], 1);
  EXPECT_EQ(of_pairs<uint8_t>(DType::kU8, gcd_of(DType::kU8), {233}, {144})[0], 1);
  // The magnitude of the smallest number is none of the dtype's: it wraps.
  EXPECT_EQ(of_pairs<int8_t>(DType::kI8, gcd_of(DType::kI8), {-128}, {0})[0], -128);
}

TEST(ArithmeticFormulas, InterpolationReachesBothEnds) {
  // The difference swallows 0.1, so that no sum from the other end arrives there.
  expect_same(evaluate(formulas::lerp, Doubles{0.1, 1e16}, Doubles{1e16, 0.1}, Doubles{0, 1}), {0.1, 0.1});
  expect_same(evaluate(formulas::lerp, Doubles{1e16, 0.1}, Doubles{0.1, 1e16}, Doubles{0, 1}), {1e16, 1e16});
  expect_same(evaluate(formulas::lerp, Doubles{1}, Doubles{3}, Doubles{-1, 2, kNan}), {-1, 5, kNan});
}

TEST(ArithmeticFormulas, ScaledProductsAndQuotientsAreAdded) {
  Doubles x{1, 2}, a{3, 5}, b{4, -8}, value{0.5, 2};
  expect_same(evaluate(formulas::addcmul, x, a, b, value), {7, -78});
  expect_same(evaluate(formulas::addcdiv, x, a, b, value), {1.375, 0.75});
  expect_same(evaluate(formulas::scaled_product, a, b, value), {6, -80});
  expect_same(evaluate(formulas::addr, x, a, b, Doubles{10, -1}, value), {16, -82});
}

TEST(ArithmeticFormulas, CrossProduct) {
  Doubles a{1, -2, 3.5}, b{4, 0.25, -6};
  std::vector<Tensor> inputs, outputs(3, Tensor(DType::kF64, {1}));
  for (const Doubles& vector : {a, b})
    for (double element : vector) inputs.push_back(test::vector_of<double>({element}));
  for (Tensor& output : outputs) output = Tensor(DType::kF64, {1});
  test::run(formulas::cross_program(DType::kF64), outputs, inputs);
  for (size_t i = 0; i < 3; ++i) {
    size_t j = (i + 1) % 3, k = (i + 2) % 3;
    EXPECT_EQ(outputs[i].values<double>()[0], a[j] * b[k] - a[k] * b[j]) << i;
  }
}

}  // namespace
}  // namespace lineshaft::frontend
