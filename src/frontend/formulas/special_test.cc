#include "lineshaft/frontend/formulas/special.h"

#include <limits>
#include <numbers>

#include "frontend/run_program.h"

namespace lineshaft::frontend {
namespace {

using test::Doubles;
using test::evaluate;
using test::expect_close;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

Doubles polygamma(int64_t order, const Doubles& x) {
  return test::results<double>(formulas::polygamma_program(order, DType::kF64, DType::kF64), {test::vector_of(x)});
}

TEST(SpecialFormulas, Sinc) {
  expect_close(evaluate(formulas::sinc, Doubles{0, -0.0, 0.5, -0.25, kInfinity, kNan}),
               {1, 1, 2 / std::numbers::pi, std::sin(std::numbers::pi / 4) / (std::numbers::pi / 4), kNan, kNan});
}

TEST(SpecialFormulas, BesselFunctions) {
  Doubles x{0, 0.5, 3, 7.9, 8.1, 20, 300}, i0, i1, i0e, i1e, negative;
  for (double value : x) {
    i0.push_back(std::cyl_bessel_i(0, value));
    i1.push_back(std::cyl_bessel_i(1, value));
    i0e.push_back(i0.back() * std::exp(-value));
    i1e.push_back(i1.back() * std::exp(-value));
    negative.push_back(-value);
  }
  expect_close(evaluate(formulas::i0, x), i0, 1e-12);
  expect_close(evaluate(formulas::i1, x), i1, 1e-12);
  expect_close(evaluate(formulas::i0e, x), i0e, 1e-12);
  expect_close(evaluate(formulas::i1e, x), i1e, 1e-12);
  expect_close(evaluate(formulas::i0, negative), i0, 1e-12);
  for (double& value : i1e) value = value == 0 ? 0 : -value;
  expect_close(evaluate(formulas::i1e, Doubles(negative.begin() + 1, negative.end())),
               Doubles(i1e.begin() + 1, i1e.end()), 1e-12);
}

TEST(SpecialFormulas, BesselFunctionsBeyondTheRange) {
  expect_close(evaluate(formulas::i0, Doubles{-1000, kInfinity, kNan}), {kInfinity, kNan, kNan});
  expect_close(evaluate(formulas::i1, Doubles{-1000, 1000, kNan}), {-kInfinity, kInfinity, kNan});
  expect_close(evaluate(formulas::i0e, Doubles{1e6}), {1 / std::sqrt(2e6 * std::numbers::pi) * (1 + 1.25e-7)}, 1e-12);
}

TEST(SpecialFormulas, ScaledErrorFunction) {
  Doubles x{-3, -0.5, 0, 0.5, 2, 5}, wanted;
  for (double value : x) wanted.push_back(std::exp(value * value) * std::erfc(value));
  expect_close(evaluate(formulas::erfcx, x), wanted, 1e-13);
  // Far out it is 1 / (x sqrt(pi)), where erfc alone would be 0.
  expect_close(evaluate(formulas::erfcx, Doubles{1e10, kInfinity, -kInfinity, kNan}),
               {1e-10 / std::sqrt(std::numbers::pi), 0, kInfinity, kNan}, 1e-13);
}

TEST(SpecialFormulas, Polygamma) {
  constexpr double pi = std::numbers::pi;
  expect_close(polygamma(0, {1, 0.5}), {-std::numbers::egamma, -std::numbers::egamma - 2 * std::log(2.0)}, 1e-13);
  double four = pi * pi / 6 - 1 - 1 / 4.0 - 1 / 9.0;
  expect_close(polygamma(1, {1, 0.5, 4, kInfinity, kNan}), {pi * pi / 6, pi * pi / 2, four, 0, kNan}, 1e-12);
  // psi1(1 - x) + psi1(x) = (pi / sin(pi x))^2, and psi1(x) = psi1(x + 1) + 1 / x^2.
  expect_close(polygamma(1, {-0.5}), {pi * pi / 2 + 4}, 1e-12);
  double zeta3 = std::riemann_zeta(3.0), zeta4 = std::riemann_zeta(4.0);
  expect_close(polygamma(2, {1, -0.5}), {-2 * zeta3, -14 * zeta3 + 16}, 1e-11);
  expect_close(polygamma(3, {1}), {6 * zeta4}, 1e-12);
  expect_close(polygamma(1, {0, -2}), {kInfinity, kInfinity});
  expect_close(polygamma(2, {0, -2}), {-kInfinity, -kInfinity});
}

TEST(SpecialFormulas, PolygammaOfHighOrders) {
  // Of order 70 all but the nearest pole's term is nothing: 70! / x^71, and at -0.25 of the same sign as there.
  double factorial = std::tgamma(71.0);
  expect_close(polygamma(70, {0.5, -0.25}), {-factorial * std::pow(2.0, 71), factorial * std::pow(4.0, 71)}, 1e-12);
  expect_close(polygamma(71, {-0.25}), {factorial * 71 * std::pow(4.0, 72)}, 1e-12);
}

TEST(SpecialFormulas, SinglePrecisionTakesFewerTerms) {
  ProgramBuilder p;
  p.output(formulas::i0(p.input(DType::kF32)), DType::kF32);
  auto got = test::results<float>(p.finish(), {test::vector_of<float>({0, 3, 20})});
  for (auto [at, x] : {std::pair{0, 0.0}, {1, 3.0}, {2, 20.0}})
    EXPECT_NEAR(got[at] / std::cyl_bessel_i(0, x), 1, 1e-6) << x;
}

}  // namespace
}  // namespace lineshaft::frontend
