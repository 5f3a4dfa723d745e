#include "lineshaft/ops/sample.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>

#include "backends/cpu/test_context.h"

namespace lineshaft::cpu {
namespace {

std::vector<double> drawn_binomial(DType dtype, double trials, double probability, int64_t count) {
  TestContext context;
  TensorView given = context.tensor(dtype, {count}, std::vector<double>(count, trials)),
             chance = context.tensor(dtype, {count}, std::vector<double>(count, probability)),
             output = context.empty(dtype, {count});
  run(context, Sample{SampleKind::kBinomial, 5, 0, given, chance, output});
  return context.values<double>(output);
}

std::vector<double> drawn(SampleKind kind, DType dtype, double parameter, int64_t count, int64_t seed = 5,
                          int64_t offset = 0) {
  TestContext context;
  TensorView given = context.tensor(dtype, {count}, std::vector<double>(count, parameter));
  TensorView output = context.empty(dtype, {count});
  run(context, Sample{kind, seed, offset, given, {}, output});
  return context.values<double>(output);
}

struct Moments {
  double mean, variance;
};
Moments moments(const std::vector<double>& values) {
  double sum = 0, squares = 0;
  for (double x : values) sum += x;
  double mean = sum / values.size();
  for (double x : values) squares += (x - mean) * (x - mean);
  return {mean, squares / (values.size() - 1)};
}

// Both distributions have their parameter as mean and as variance. Five standard errors.
void expect_moments(SampleKind kind, DType dtype, double parameter) {
  const double n = 60000;
  Moments got = moments(drawn(kind, dtype, parameter, static_cast<int64_t>(n)));
  double kurtosis = kind == SampleKind::kGamma ? 3 + 6 / parameter : 3 + 1 / parameter;
  EXPECT_NEAR(got.mean, parameter, 5 * std::sqrt(parameter / n)) << parameter;
  EXPECT_NEAR(got.variance, parameter, 5 * parameter * std::sqrt((kurtosis - 1) / n)) << parameter;
}

TEST(Sample, GammaHasTheMomentsOfItsShape) {
  for (DType dtype : {DType::kF32, DType::kF64})
    for (double shape : {0.1, 0.5, 1.0, 2.5, 40.0, 3000.0}) expect_moments(SampleKind::kGamma, dtype, shape);
}

TEST(Sample, PoissonHasTheMomentsOfItsRate) {
  for (DType dtype : {DType::kF32, DType::kF64})
    for (double rate : {0.2, 3.0, 9.9, 10.0, 31.0, 400.0, 1e5}) expect_moments(SampleKind::kPoisson, dtype, rate);
}

TEST(Sample, PoissonHasTheProbabilitiesOfItsRate) {
  for (double rate : {4.0, 12.0}) {
    const int64_t n = 100000;
    std::map<double, double> counts;
    for (double x : drawn(SampleKind::kPoisson, DType::kF32, rate, n)) ++counts[x];
    for (double k = 0; k < 3 * rate; ++k) {
      double p = std::exp(k * std::log(rate) - rate - std::lgamma(k + 1));
      EXPECT_NEAR(counts[k] / n, p, 5 * std::sqrt(p / n) + 1e-5) << rate << " " << k;
    }
  }
}

TEST(Sample, BinomialHasTheMomentsOfItsLaw) {
  const double n = 60000;
  for (DType dtype : {DType::kF32, DType::kF64})
    for (auto [trials, p] : {std::pair{1.0, 0.3}, {20.0, 0.1}, {20.0, 0.95}, {100.0, 0.4}, {5000.0, 0.5}, {1e6, 0.7}}) {
      Moments got = moments(drawn_binomial(dtype, trials, p, static_cast<int64_t>(n)));
      double variance = trials * p * (1 - p), kurtosis = 3 + (1 - 6 * p * (1 - p)) / variance;
      EXPECT_NEAR(got.mean, trials * p, 5 * std::sqrt(variance / n)) << trials << " " << p;
      EXPECT_NEAR(got.variance, variance, 5 * variance * std::sqrt((kurtosis - 1) / n)) << trials << " " << p;
    }
}

TEST(Sample, BinomialHasTheProbabilitiesOfItsLaw) {
  for (auto [trials, p] : {std::pair{8.0, 0.25}, {40.0, 0.35}, {40.0, 0.8}}) {
    const int64_t n = 100000;
    std::map<double, double> counts;
    for (double x : drawn_binomial(DType::kF32, trials, p, n)) ++counts[x];
    for (double k = 0; k <= trials; ++k) {
      double want = std::exp(std::lgamma(trials + 1) - std::lgamma(k + 1) - std::lgamma(trials - k + 1) +
                             k * std::log(p) + (trials - k) * std::log1p(-p));
      EXPECT_NEAR(counts[k] / n, want, 5 * std::sqrt(want / n) + 1e-5) << trials << " " << p << " " << k;
    }
  }
}

TEST(Sample, BinomialGivesTheLimitsAtTheEdges) {
  double infinity = std::numeric_limits<double>::infinity();
  for (DType dtype : {DType::kF32, DType::kF64}) {
    EXPECT_EQ(drawn_binomial(dtype, 7, 0, 1)[0], 0);
    EXPECT_EQ(drawn_binomial(dtype, 7, -0.5, 1)[0], 0);
    EXPECT_EQ(drawn_binomial(dtype, 7.9, 1, 1)[0], 7);
    EXPECT_EQ(drawn_binomial(dtype, -3, 0.5, 1)[0], 0);
    EXPECT_EQ(drawn_binomial(dtype, infinity, 0.5, 1)[0], infinity);
    EXPECT_TRUE(std::isnan(drawn_binomial(dtype, 7, std::nan(""), 1)[0]));
    EXPECT_TRUE(std::isnan(drawn_binomial(dtype, std::nan(""), 0.5, 1)[0]));
  }
}

TEST(Sample, GammaOfShapeOneIsExponential) {
  std::vector<double> values = drawn(SampleKind::kGamma, DType::kF32, 1, 50000);
  for (double quantile : {0.1, 0.5, 0.9, 0.99}) {
    double limit = -std::log1p(-quantile), below = 0;
    for (double x : values) below += x < limit;
    EXPECT_NEAR(below / 50000, quantile, 5 * std::sqrt(quantile * (1 - quantile) / 50000));
  }
}

TEST(Sample, DependsOnSeedAndOffsetAndElementOnly) {
  std::vector<double> long_run = drawn(SampleKind::kGamma, DType::kF32, 2, 5000, 9),
                      short_run = drawn(SampleKind::kGamma, DType::kF32, 2, 10, 9);
  EXPECT_TRUE(std::equal(short_run.begin(), short_run.end(), long_run.begin()));
  EXPECT_EQ(drawn(SampleKind::kGamma, DType::kF32, 2, 4, 9, sample_counters(3))[0], long_run[3]);
  EXPECT_NE(drawn(SampleKind::kGamma, DType::kF32, 2, 4, 10)[0], long_run[0]);
}

TEST(Sample, GivesTheLimitsAtTheEdges) {
  double infinity = std::numeric_limits<double>::infinity();
  for (SampleKind kind : {SampleKind::kGamma, SampleKind::kPoisson})
    for (DType dtype : {DType::kF32, DType::kF64}) {
      EXPECT_EQ(drawn(kind, dtype, 0, 1)[0], 0);
      EXPECT_EQ(drawn(kind, dtype, infinity, 1)[0], infinity);
      EXPECT_TRUE(std::isnan(drawn(kind, dtype, -1, 1)[0]));
      EXPECT_TRUE(std::isnan(drawn(kind, dtype, std::nan(""), 1)[0]));
    }
}

}  // namespace
}  // namespace lineshaft::cpu
