// sample: its moments, and that an element's numbers follow from its counter alone.
#include <cmath>

#include "conformance/bench.h"
#include "tensor/element.h"

namespace lineshaft::conformance {
namespace {

std::vector<double> draw(Bench& bench, Sample op, const TensorView& parameter) {
  op.parameter = parameter;
  op.output = bench.output(parameter.dtype, parameter.shape());
  bench.device().stream().record(op);
  auto bytes = bench.read(op.output.buffer);
  std::vector<double> values;
  for_each_element(op.output, [&](const auto&, int64_t offset) {
    values.push_back(load_double(bytes.data() + offset, parameter.dtype));
  });
  return values;
}

TEST_P(Conformance, SampleHasItsMoments) {
  rounds(1, [](Bench& bench) {
    constexpr int64_t kCount = 20'000;
    for (auto kind : {SampleKind::kGamma, SampleKind::kPoisson})
      for (double parameter : {0.3, 1.0, 4.5, 30.0})
        for (DType dtype : {DType::kF32, DType::kF64}) {
          SCOPED_TRACE(concat(name_of(kind), " ", parameter, " ", name_of(dtype)));
          Sample op{.kind = kind, .seed = 11, .offset = 0};
          auto values = draw(bench, op, bench.input(dtype, Array({kCount}, stored(parameter, dtype))));
          double mean = 0, variance = 0;
          for (double v : values) mean += v / kCount;
          for (double v : values) variance += (v - mean) * (v - mean) / kCount;
          // Both have mean and variance `parameter`; six standard deviations, with the fourth moment for the
          // variance's.
          double fourth = kind == SampleKind::kGamma ? 3 * parameter * parameter + 6 * parameter
                                                     : parameter + 3 * parameter * parameter;
          EXPECT_NEAR(mean, parameter, 6 * std::sqrt(parameter / kCount));
          EXPECT_NEAR(variance, parameter, 6 * std::sqrt(fourth / kCount));
          for (double v : values) {
            EXPECT_GE(v, 0);
            EXPECT_TRUE(kind == SampleKind::kGamma || v == std::floor(v)) << v;
          }
        }
  });
}

TEST_P(Conformance, BinomialSamplesHaveTheirMoments) {
  rounds(1, [](Bench& bench) {
    constexpr int64_t kCount = 20'000;
    for (double trials : {3.0, 40.0, 1000.0})
      for (double p : {0.02, 0.4, 0.9})
        for (DType dtype : {DType::kF32, DType::kF64}) {
          SCOPED_TRACE(concat(trials, " ", p, " ", name_of(dtype)));
          Sample op{.kind = SampleKind::kBinomial, .seed = 12};
          op.probability = bench.input(dtype, Array({kCount}, stored(p, dtype)));
          auto values = draw(bench, op, bench.input(dtype, Array({kCount}, trials)));
          double mean = 0, variance = 0, expected = trials * p * (1 - p);
          for (double v : values) mean += v / kCount;
          for (double v : values) variance += (v - mean) * (v - mean) / kCount;
          double kurtosis = 3 + (1 - 6 * p * (1 - p)) / expected;
          EXPECT_NEAR(mean, trials * p, 6 * std::sqrt(expected / kCount));
          EXPECT_NEAR(variance, expected, 6 * expected * std::sqrt((kurtosis - 1) / kCount));
          for (double v : values) EXPECT_TRUE(v >= 0 && v <= trials && v == std::floor(v)) << v;
        }
  });
}

TEST_P(Conformance, SampleDependsOnSeedAndCounterOnly) {
  rounds(4, [](Bench& bench) {
    int64_t offset = bench.uniform(0, 1 << 30);
    Sample op{.kind = bench.chance(0.5) ? SampleKind::kGamma : SampleKind::kPoisson,
              .seed = static_cast<int64_t>(bench.random()),
              .offset = bench.chance(0.5) ? offset : INT64_MAX - offset % 2};  // counters pass 2^63
    TensorView parameter = bench.input(DType::kF32, Array({50}, 2));
    auto values = draw(bench, op, parameter);
    EXPECT_EQ(values, draw(bench, op, parameter));
    Sample later = op;
    later.offset = static_cast<int64_t>(static_cast<uint64_t>(op.offset) + (uint64_t{20 * kSampleCounters}));
    auto shifted = draw(bench, later, parameter);
    EXPECT_TRUE(std::equal(shifted.begin(), shifted.begin() + 30, values.begin() + 20));
    op.seed += 1;
    EXPECT_NE(values, draw(bench, op, parameter));
  });
}

}  // namespace
}  // namespace lineshaft::conformance
