#include "lineshaft/frontend/formulas/normalization.h"

#include "frontend/run_program.h"

namespace lineshaft::frontend::formulas {
namespace {

using test::Doubles;
using test::expect_close;
using test::run;
using test::Tensor;
using test::vector_of;

constexpr DType kDouble = DType::kF64;

TEST(RunningStatistics, MoveTowardTheBatch) {
  double eps = 1e-5, momentum = 0.1, unbias = 1.25;
  Tensor mean = vector_of<double>({1, 2, 0}), variance = vector_of<float>({1, 3, 0.5f});
  // The third rstd is larger than 1 / sqrt(eps): rounding alone could make it so, and no variance is below 0.
  Tensor batch_mean = vector_of<double>({3, -2, 4}),
         rstd = vector_of<double>({1 / std::sqrt(4 + eps), 1 / std::sqrt(eps), 1e9});
  run(running_statistics_update_program(kDouble, DType::kF32, kDouble), {mean, variance},
      {mean, variance, batch_mean, rstd},
      {Scalar::of(momentum), Scalar::of(1 - momentum), Scalar::of(eps), Scalar::of(unbias)});
  expect_close(mean.values<double>(), {0.9 * 1 + 0.1 * 3, 0.9 * 2 - 0.1 * 2, 0.1 * 4});
  auto variances = variance.values<float>();
  expect_close(Doubles(variances.begin(), variances.end()), {0.9 * 1 + 0.1 * 4 * 1.25, 0.9 * 3, 0.9 * 0.5}, 1e-6);
}

TEST(RunningStatistics, ArgumentsOfAnUpdate) {
  std::array<Scalar, 4> arguments = running_statistics_update_arguments(0.25, 1e-5, 5);
  Doubles values;
  for (Scalar value : arguments) values.push_back(value.as_double());
  EXPECT_EQ(values, (Doubles{0.25, 0.75, 1e-5, 1.25}));
  EXPECT_EQ(running_statistics_update_arguments(0.25, 1e-5, 1)[3].as_double(), test::kInfinity);
}

TEST(RunningStatistics, AreWhatEvaluationUses) {
  Tensor mean(kDouble, {3}), rstd(kDouble, {3});
  run(running_statistics_program(DType::kF32, kDouble, kDouble), {mean, rstd},
      {vector_of<float>({1, -2, 0.5f}), vector_of<double>({3, 0, 24})}, {Scalar::of(1.0)});
  expect_close(mean.values<double>(), {1, -2, 0.5});
  expect_close(rstd.values<double>(), {0.5, 1, 0.2});
}

}  // namespace
}  // namespace lineshaft::frontend::formulas
