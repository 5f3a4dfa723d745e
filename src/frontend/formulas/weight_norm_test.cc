#include "lineshaft/frontend/formulas/weight_norm.h"

#include <limits>

#include "frontend/run_program.h"

namespace lineshaft::frontend {
namespace {

using test::Doubles;
using test::evaluate;
using test::expect_close;
using test::vector_of;

constexpr DType kF64 = DType::kF64;

// w = v g / |v| of one slice.
Doubles weights(const Doubles& v, double g) {
  double sum = 0;
  for (double x : v) sum += x * x;
  Doubles norm = test::results<double>(formulas::weight_norm_sum_program(kF64, kF64, true), {vector_of<double>({sum})});
  return test::results<double>(formulas::weight_norm_program(kF64, kF64),
                               {vector_of(v), vector_of<double>({g}), vector_of(norm)});
}

TEST(WeightNormFormulas, WeightsHaveTheNormG) {
  expect_close(weights({3, -4}, 10), {6, -8});
  EXPECT_TRUE(std::isnan(weights({0, 0}, 1)[0]));
}

TEST(WeightNormFormulas, GradientsAreThoseOfTheWeights) {
  Doubles v{3, -4, 12}, grad{1, 0.5, -2};
  double g = 2, norm = 13, sum = 3 - 2 - 24;
  Doubles by_v = test::results<double>(
      formulas::weight_norm_grad_program(kF64, kF64),
      {vector_of(grad), vector_of(v), vector_of<double>({g}), vector_of<double>({norm}), vector_of<double>({sum})});
  Doubles by_g = test::results<double>(formulas::weight_norm_scale_grad_program(kF64, kF64),
                                       {vector_of<double>({sum}), vector_of<double>({norm})});
  auto loss = [&](const Doubles& of_v, double of_g) {
    Doubles w = weights(of_v, of_g);
    return w[0] * grad[0] + w[1] * grad[1] + w[2] * grad[2];
  };
  for (size_t i = 0; i < v.size(); ++i) {
    Doubles above = v, below = v;
    above[i] += 1e-6;
    below[i] -= 1e-6;
    EXPECT_NEAR(by_v[i], (loss(above, g) - loss(below, g)) / 2e-6, 1e-8) << i;
  }
  EXPECT_NEAR(by_g[0], (loss(v, g + 1e-6) - loss(v, g - 1e-6)) / 2e-6, 1e-8);
}

TEST(WeightNormFormulas, SumsAreKeptWithOrWithoutARoot) {
  auto stored = [](bool root) {
    ProgramRef program = formulas::weight_norm_sum_program(DType::kF32, kF64, root);
    return test::results<double>(program, {vector_of<float>({2})});
  };
  EXPECT_EQ(stored(false), Doubles{2});
  EXPECT_EQ(stored(true), Doubles{std::sqrt(2.0)});  // of f64, not of f32
}

TEST(WeightNormFormulas, RenormScalesWhatIsTooLong) {
  Doubles x{3, -3, 0}, norm{5, 1, 5};
  expect_close(evaluate(formulas::renorm, x, norm, Doubles{2}), {3 * (2 / (5 + 1e-7)), -3, 0});
  expect_close(evaluate(formulas::renorm, Doubles{-3}, Doubles{2}, Doubles{2}), {-3});
  expect_close(evaluate(formulas::renorm, Doubles{7}, Doubles{std::numeric_limits<double>::infinity()}, Doubles{2}),
               {0});
}

}  // namespace
}  // namespace lineshaft::frontend
