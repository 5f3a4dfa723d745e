#include "lineshaft/frontend/formulas/random.h"

#include <functional>
#include <limits>
#include <numbers>

#include "frontend/run_program.h"
#include "program/philox.h"

namespace lineshaft::frontend::formulas {
namespace {

using test::Doubles;
using test::evaluate;
using test::expect_close;
using test::run;
using test::Tensor;
using test::vector_of;

constexpr int64_t kSeed = 0x123456789abcdef, kCounter = (int64_t{1} << 33) - 100, kCount = 4096;
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// The numbers in [0, 1) of element i.
double unit_f32(int64_t i, int word) {
  return (philox(kSeed, kCounter + i)[word] >> 8) * 0x1p-24;
}
double unit_f64(int64_t i, int word) {
  PhiloxWords words = philox(kSeed, kCounter + i);
  return ((words[word] >> 5) * 0x1p26 + (words[word + 1] >> 6)) * 0x1p-53;
}

// What a program without inputs draws, as elements of T, and with other arguments after seed and counter.
template <class T>
std::vector<T> drawn(ProgramRef program, const std::vector<Scalar>& more = {}, int64_t count = kCount) {
  std::vector<Scalar> args{Scalar::of(kSeed), Scalar::of(kCounter)};
  args.insert(args.end(), more.begin(), more.end());
  Tensor out(program->outputs[0], {count});
  run(program, {out}, {}, args);
  return out.values<T>();
}

void expect_distribution(Distribution distribution, double a, double b, const std::function<double(int64_t)>& wanted) {
  auto got = drawn<double>(random_program(distribution, DType::kF64), {Scalar::of(a), Scalar::of(b)});
  Doubles expected(kCount);
  for (int64_t i = 0; i < kCount; ++i) expected[i] = wanted(i);
  expect_close(got, expected, 1e-9);
}

double normal_f64(int64_t i) {
  return std::sqrt(-2 * std::log(1 - unit_f64(i, 0))) * std::cos(2 * std::numbers::pi * unit_f64(i, 2));
}

TEST(RandomFormulas, DistributionsAreTransformedUniformNumbers) {
  expect_distribution(Distribution::kUniform, 2, 5, [](int64_t i) { return 2 + 3 * unit_f64(i, 0); });
  expect_distribution(Distribution::kNormal, 30, 0.5, [](int64_t i) { return 30 + 0.5 * normal_f64(i); });
  expect_distribution(Distribution::kLogNormal, 1, 0.5, [](int64_t i) { return std::exp(1 + 0.5 * normal_f64(i)); });
  expect_distribution(Distribution::kExponential, 4, 0, [](int64_t i) { return -std::log1p(-unit_f64(i, 0)) / 4; });
  expect_distribution(Distribution::kCauchy, 0, 2,
                      [](int64_t i) { return 2 * std::tan(std::numbers::pi * (unit_f64(i, 0) - 0.5)); });
  expect_distribution(Distribution::kGeometric, 0.3, 0, [](int64_t i) {
    return std::max(1.0, std::ceil(std::log1p(-unit_f64(i, 0)) / std::log1p(-0.3)));
  });
  expect_distribution(Distribution::kBernoulli, 0.3, 0, [](int64_t i) { return unit_f64(i, 0) < 0.3 ? 1 : 0; });
}

TEST(RandomFormulas, NarrowTypesDrawIn24Bits) {
  auto uniform = drawn<float>(random_program(Distribution::kUniform, DType::kF32), {Scalar::of(2.0), Scalar::of(5.0)});
  auto normal = drawn<float>(random_program(Distribution::kNormal, DType::kF32), {Scalar::of(0.0), Scalar::of(1.0)});
  auto tries =
      drawn<int32_t>(random_program(Distribution::kGeometric, DType::kI32), {Scalar::of(0.9), Scalar::of(0.0)});
  for (int64_t i = 0; i < kCount; ++i) {
    double u = unit_f32(i, 0), v = unit_f32(i, 2);
    ASSERT_NEAR(uniform[i], 2 + 3 * u, 1e-6);
    ASSERT_NEAR(normal[i], std::sqrt(-2 * std::log(1 - u)) * std::cos(2 * std::numbers::pi * v), 1e-5);
    ASSERT_NEAR(tries[i], std::max(1.0, std::ceil(std::log1p(-u) / std::log1p(-0.9))), 0.0) << u;
  }
}

TEST(RandomFormulas, ARoundedUniformNumberStaysBelowItsEnd) {
  int64_t count = 1 << 16;
  auto bits =
      drawn<uint16_t>(random_program(Distribution::kUniform, DType::kF16), {Scalar::of(0.0), Scalar::of(1.0)}, count);
  int rounded = 0;
  for (int64_t i = 0; i < count; ++i) {
    ASSERT_LT(bits[i], 0x3c00) << "not below 1";
    if (unit_f32(i, 0) < 1 - 0x1p-12) continue;
    EXPECT_EQ(bits[i], 0);
    ++rounded;
  }
  EXPECT_GT(rounded, 0);
}

TEST(RandomFormulas, ExponentialNumbersAreNeverZero) {
  int64_t seed = 7, counter = 32245323;  // whose uniform number is 0
  ASSERT_EQ(philox(seed, counter)[0] >> 8, 0u);
  Tensor out(DType::kF32, {1});
  run(random_program(Distribution::kExponential, DType::kF32), {out}, {},
      {Scalar::of(seed), Scalar::of(counter), Scalar::of(2.0), Scalar::of(0.0)});
  EXPECT_EQ(out.values<float>()[0], 0x1p-25f);
}

TEST(RandomFormulas, BernoulliOfProbabilities) {
  std::vector<float> probabilities(kCount);
  for (int64_t i = 0; i < kCount; ++i) probabilities[i] = static_cast<float>(i % 5) / 4;
  probabilities[4095] = std::numeric_limits<float>::quiet_NaN();
  Tensor out(DType::kI32, {kCount});
  run(bernoulli_program(DType::kF32, DType::kI32), {out}, {vector_of(probabilities)},
      {Scalar::of(kSeed), Scalar::of(kCounter)});
  auto got = out.values<int32_t>();
  for (int64_t i = 0; i < kCount; ++i) ASSERT_EQ(got[i], unit_f32(i, 0) < probabilities[i] ? 1 : 0) << i;
}

uint64_t bits_of(int64_t i) {
  PhiloxWords words = philox(kSeed, kCounter + i);
  return uint64_t{words[0]} << 32 | words[1];
}

TEST(RandomFormulas, IntegersOfARange) {
  std::vector<Scalar> range{Scalar::of(int64_t{-500}), Scalar::of(int64_t{1000})};
  auto narrow = drawn<int32_t>(random_integers_program(DType::kI32, 1000), range);
  auto rounded = drawn<float>(random_integers_program(DType::kF32, 1000), range);
  for (int64_t i = 0; i < kCount; ++i) {
    ASSERT_EQ(narrow[i], -500 + static_cast<int64_t>((bits_of(i) >> 1) % 1000));
    ASSERT_EQ(rounded[i], static_cast<float>(narrow[i]));
  }
}

TEST(RandomFormulas, IntegersOfWideRanges) {
  int64_t high = 0;  // an element at whose bits a wide range can end; odd, so that half of it is half of what is before
  while (bits_of(high) >> 63 == 0 || bits_of(high) % 2 == 0) ++high;
  uint64_t half = uint64_t{1} << 63, edge = bits_of(high);
  for (uint64_t range : {half, half + 12345, edge - 1, edge, edge + 1, edge + 2, UINT64_MAX, uint64_t{0}}) {
    auto got = drawn<int64_t>(random_integers_program(DType::kI64, range),
                              {Scalar::of(INT64_MIN), Scalar::of(static_cast<int64_t>(range))});
    for (int64_t i = 0; i < kCount; ++i) {
      uint64_t step = bits_of(i);
      if (range != 0 && step >= range) step -= range;
      ASSERT_EQ(static_cast<uint64_t>(got[i]), half + step) << range;
    }
  }
}

TEST(RandomFormulas, KeysAre64Bits) {
  auto got = drawn<int64_t>(random_keys_program());
  for (int64_t i = 0; i < kCount; ++i) {
    PhiloxWords words = philox(kSeed, kCounter + i);
    auto high = static_cast<int64_t>(uint64_t{words[0]} << 32), low = int64_t{static_cast<int32_t>(words[1])};
    ASSERT_EQ(got[i], high ^ low);
  }
}

TEST(RandomFormulas, DropoutKeepsAndScales) {
  std::vector<float> x(kCount, 3);
  for (int64_t i = 0; i < kCount; i += 2) x[i] = i % 4 == 0 ? -INFINITY : NAN;
  Tensor out(DType::kF32, {kCount}), mask(DType::kBool, {kCount});
  run(dropout_program(DType::kF32), {out, mask}, {vector_of(x)},
      {Scalar::of(kSeed), Scalar::of(kCounter), Scalar::of(0.25), Scalar::of(4.0 / 3)});
  auto got = out.values<float>();
  auto kept = mask.values<uint8_t>();
  Doubles results(got.begin(), got.end()), wanted(kCount);
  for (int64_t i = 0; i < kCount; ++i) {
    ASSERT_EQ(kept[i], unit_f32(i, 0) >= 0.25) << i;
    wanted[i] = kept[i] ? x[i] * (4.0 / 3) : 0;
  }
  expect_close(results, wanted, 1e-6);
  expect_close(evaluate(dropout_grad, Doubles{2, 2, kNan}, Doubles{1, 0, 1}, Doubles{1.5}), {3, 0, kNan});
}

TEST(RandomFormulas, RandomizedReluDrawsSlopes) {
  std::vector<float> x(kCount);
  for (int64_t i = 0; i < kCount; ++i) x[i] = i % 4 == 3 ? NAN : static_cast<float>(i % 4) - 1;
  Tensor out(DType::kF32, {kCount}), slopes(DType::kF32, {kCount});
  run(rrelu_program(DType::kF32, DType::kF32), {out, slopes}, {vector_of(x)},
      {Scalar::of(kSeed), Scalar::of(kCounter), Scalar::of(0.125), Scalar::of(0.375)});
  auto got = out.values<float>(), slope = slopes.values<float>();
  Doubles results(got.begin(), got.end()), wanted(kCount);
  for (int64_t i = 0; i < kCount; ++i) {
    ASSERT_NEAR(slope[i], x[i] <= 0 ? 0.125 + 0.25 * unit_f32(i, 0) : 1, 1e-7) << i;
    wanted[i] = x[i] * slope[i];
  }
  expect_close(results, wanted, 0);
}

TEST(RandomFormulas, ProbabilitiesAndWeights) {
  auto holds = [](auto formula, const Doubles& operands) {
    ProgramBuilder p;
    p.output(formula(p.input(DType::kF64), p.arg(DType::kF64)), DType::kBool);
    return test::results<uint8_t>(p.finish(), {vector_of(operands)}, {Scalar::of(kInfinity)});
  };
  Doubles x{-0.0, 1, 1.5, -1e-300, kInfinity, -kInfinity, kNan};
  auto not_negative = [](Expr value, Expr) { return is_not_negative(value); };
  EXPECT_EQ(holds(not_negative, x), (std::vector<uint8_t>{1, 1, 1, 0, 1, 0, 0}));
  auto probability = [](Expr value, Expr) { return is_probability(value); };
  EXPECT_EQ(holds(probability, x), (std::vector<uint8_t>{1, 1, 0, 0, 0, 0, 0}));
  EXPECT_EQ(holds(is_weight, x), (std::vector<uint8_t>{1, 1, 1, 0, 0, 0, 0}));
}

TEST(RandomFormulas, ArgumentsBeginWithTheDraw) {
  Draw draw{.seed = -3, .offset = int64_t{1} << 40};
  auto expect = [&](List<Scalar> got, const std::vector<Scalar>& more) {
    std::vector<Scalar> wanted{Scalar::of(draw.seed), Scalar::of(draw.offset)};
    wanted.insert(wanted.end(), more.begin(), more.end());
    EXPECT_EQ(std::vector<Scalar>(got.begin(), got.end()), wanted);
  };
  expect(draw_arguments(draw), {});
  expect(random_arguments(draw, 0.5, -2), {Scalar::of(0.5), Scalar::of(-2.0)});
  expect(random_integers_arguments(draw, -7, 1000), {Scalar::of(int64_t{-7}), Scalar::of(int64_t{1000})});
  expect(random_integers_arguments(draw, INT64_MIN, UINT64_MAX), {Scalar::of(INT64_MIN), Scalar::of(int64_t{-1})});
  expect(dropout_arguments(draw, 0.75), {Scalar::of(0.75), Scalar::of(4.0)});
  expect(rrelu_arguments(draw, 0.125, 0.375), {Scalar::of(0.125), Scalar::of(0.375)});
}

TEST(RandomFormulas, DropoutKeepsTheMean) {
  EXPECT_EQ(dropout_scale(0), 1);
  EXPECT_EQ(dropout_scale(0.75), 4);
  EXPECT_EQ(dropout_scale(1), 0);
}

}  // namespace
}  // namespace lineshaft::frontend::formulas
