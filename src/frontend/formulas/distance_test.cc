#include "lineshaft/frontend/formulas/distance.h"

#include <limits>

#include "frontend/run_program.h"

namespace lineshaft::frontend {
namespace {

using formulas::DistanceNorm;
using formulas::DistanceSlope;
using test::Doubles;
using test::expect_close;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kOrders[] = {0, 1, 2, 3, 1.5, kInfinity};

// Of two vectors, from the terms of their coordinates.
double distance(double p, const Doubles& x, const Doubles& y) {
  DistanceNorm norm = formulas::distance_norm(p);
  std::vector<Scalar> args{Scalar::of(p)};
  Doubles terms = test::results<double>(formulas::distance_term_program(norm, DType::kF64),
                                        {test::vector_of(x), test::vector_of(y)}, args);
  double reduced = 0;
  for (double term : terms) reduced = norm == DistanceNorm::kMax ? std::max(reduced, term) : reduced + term;
  return test::results<double>(formulas::distance_root_program(norm, DType::kF64), {test::vector_of<double>({reduced})},
                               args)[0];
}

Doubles slopes(double p, DistanceSlope slope, double grad, double distance, const Doubles& x, const Doubles& y) {
  ProgramRef program = formulas::distance_grad_program(formulas::distance_norm(p), DType::kF64, slope);
  return test::results<double>(
      program,
      {test::vector_of<double>({grad}), test::vector_of<double>({distance}), test::vector_of(x), test::vector_of(y)},
      {Scalar::of(p)});
}

TEST(DistanceFormulas, NormsOfADifference) {
  Doubles x{1, 2, 3, -4}, y{1, 4, 0, -3.75};  // differences 0, -2, 3, -0.25
  for (double p : kOrders) {
    double sum = 0;
    for (double d : {2.0, 3.0, 0.25}) sum += std::pow(d, p);
    double wanted = p == 0 ? 3 : std::isinf(p) ? 3 : std::pow(sum, 1 / p);
    EXPECT_NEAR(distance(p, x, y), wanted, 1e-14) << p;
  }
}

TEST(DistanceFormulas, SlopesAreThoseOfTheDistance) {
  Doubles x{1, 2, 3, -4}, y{0.5, 4, 0, -3.75};
  for (double p : kOrders) {
    Doubles got = slopes(p, DistanceSlope::kNans, 2, distance(p, x, y), x, y);
    EXPECT_EQ(got, slopes(p, DistanceSlope::kNumbers, 2, distance(p, x, y), x, y)) << p;
    for (size_t i = 0; i < x.size(); ++i) {
      Doubles above = x, below = x;
      above[i] += 1e-6;
      below[i] -= 1e-6;
      EXPECT_NEAR(got[i], 2 * (distance(p, above, y) - distance(p, below, y)) / 2e-6, 1e-7) << p << " at " << i;
    }
  }
}

TEST(DistanceFormulas, AVectorAndItself) {
  for (double p : kOrders) {
    expect_close(slopes(p, DistanceSlope::kNans, 5, 0, {1, -2}, {1, -2}), {0, 0});
    expect_close(slopes(p, DistanceSlope::kNumbers, 5, 0, {1, -2}, {1, -2}), {0, 0});
  }
  expect_close(slopes(1, DistanceSlope::kNans, kNan, 0, {1}, {1}), {0});
  expect_close(slopes(1, DistanceSlope::kNumbers, kNan, 0, {1}, {1}), {kNan});
}

TEST(DistanceFormulas, InfinitiesThatCancel) {
  for (double p : {1.0, kInfinity}) {
    expect_close(slopes(p, DistanceSlope::kNans, 1, kNan, {kInfinity}, {kInfinity}), {kNan});
    expect_close(slopes(p, DistanceSlope::kNumbers, 1, kNan, {kInfinity}, {kInfinity}), {0});
  }
}

}  // namespace
}  // namespace lineshaft::frontend
