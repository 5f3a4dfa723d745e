#include "lineshaft/frontend/formulas/distributions.h"

#include <functional>
#include <limits>

#include "frontend/run_program.h"

namespace lineshaft::frontend::formulas {
namespace {

using test::Doubles;
using test::evaluate;
using test::expect_close;

// The integral of t^(a - 1) weight(t) over 0..x, by Simpson's rule after t = x s^8, which takes the pole at 0 away.
double integral(double a, double x, const std::function<double(double)>& weight) {
  constexpr int kSteps = 20000;
  double sum = 0;
  for (int i = 0; i <= kSteps; ++i) {
    double s = static_cast<double>(i) / kSteps, factor = i == 0 || i == kSteps ? 1 : i % 2 == 1 ? 4 : 2;
    sum += factor * std::pow(s, 8 * a - 1) * weight(x * std::pow(s, 8));
  }
  return 8 * std::pow(x, a) * sum / (3 * kSteps);
}

double gamma_cumulative(double alpha, double x) {
  return integral(alpha, x, [](double t) { return std::exp(-t); }) / std::tgamma(alpha);
}

double beta_cumulative(double alpha, double beta, double x) {
  double scale = std::lgamma(alpha + beta) - std::lgamma(alpha) - std::lgamma(beta);
  return std::exp(scale) * integral(alpha, x, [&](double t) { return std::pow(1 - t, beta - 1); });
}

// -(dF/da) / (dF/dx) of a distribution function F(a, x).
double pathwise(double a, double x, const std::function<double(double, double)>& cumulative) {
  double h = 1e-4;
  double by_a = (cumulative(a + h, x) - cumulative(a - h, x)) / (2 * h);
  double step = x * 1e-4;
  double by_x = (cumulative(a, x + step) - cumulative(a, x - step)) / (2 * step);
  return -by_a / by_x;
}

TEST(DistributionFormulas, GammaGradient) {
  // By the series, between, by the saddle point far from alpha on both sides and near it.
  Doubles alpha{0.5, 2, 0.7, 3, 6, 12, 12, 30, 12, 30}, x{0.3, 0.6, 1.5, 2, 9, 7, 20, 31, 12, 22}, wanted;
  for (size_t i = 0; i < x.size(); ++i) wanted.push_back(pathwise(alpha[i], x[i], gamma_cumulative));
  expect_close(evaluate(standard_gamma_grad, alpha, x), wanted, 2e-4);
}

void expect_dirichlet_gradients(const Doubles& x, const Doubles& alpha, const Doubles& total, double relative) {
  Doubles wanted;
  for (size_t i = 0; i < x.size(); ++i) {
    auto cumulative = [&](double a, double at) { return beta_cumulative(a, total[i] - alpha[i], at); };
    wanted.push_back(pathwise(alpha[i], x[i], cumulative) / (1 - x[i]));
  }
  expect_close(evaluate(dirichlet_grad, x, alpha, total), wanted, relative);
}

TEST(DistributionFormulas, DirichletGradient) {
  // By the series at either end; between, and by the expansion for large parameters near the mean and far from it.
  expect_dirichlet_gradients({0.1, 0.3, 0.9, 0.7}, {0.8, 2.5, 2.2, 1.2}, {2, 5, 3.5, 3.3}, 1e-5);
  expect_dirichlet_gradients({0.4, 0.6, 0.5, 0.45, 0.35, 0.7}, {5, 3, 20, 9, 20, 12}, {11, 7, 40, 20, 45, 30}, 1e-3);
}

TEST(DistributionFormulas, SeriesAtTheEdgeGiveNoNan) {
  double nan = std::numeric_limits<double>::quiet_NaN();
  expect_close(evaluate(standard_gamma_grad, Doubles{0.5, nan}, Doubles{0, 0.5}), {0, 0});
  expect_close(evaluate(dirichlet_grad, Doubles{0}, Doubles{0.5}, Doubles{1.5}), {0});
  EXPECT_TRUE(std::isnan(evaluate(standard_gamma_grad, Doubles{2}, Doubles{nan})[0]));
}

}  // namespace
}  // namespace lineshaft::frontend::formulas
