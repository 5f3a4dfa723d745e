#include "lineshaft/frontend/formulas/nll_loss.h"

#include "frontend/run_program.h"

namespace lineshaft::frontend::formulas {
namespace {

using test::Doubles;
using test::expect_close;
using test::kNan;
using test::results;
using test::run;
using test::Tensor;
using test::vector_of;

using Longs = std::vector<int64_t>;
constexpr DType kLong = DType::kI64, kDouble = DType::kF64;

TEST(NllLoss, IgnoredTargetsReadClass0) {
  EXPECT_EQ(results<int64_t>(nll_class_program(kLong), {vector_of<int64_t>({4, -100, 2})}, {Scalar::of(int64_t{-100})}),
            (Longs{4, 0, 2}));
  EXPECT_EQ(
      results<int64_t>(nll_class_program(DType::kU8), {vector_of<uint8_t>({4, 255, 2})}, {Scalar::of(int64_t{255})}),
      (Longs{4, 0, 2}));
  // No target of 8 bits is -100.
  EXPECT_EQ(results<int64_t>(nll_class_program(DType::kU8), {vector_of<uint8_t>({156})}, {Scalar::of(int64_t{-100})}),
            (Longs{156}));
}

TEST(NllLoss, AnIgnoredSampleCostsAndWeighsNothing) {
  Tensor target = vector_of<int64_t>({1, -100, 2}), score = vector_of<double>({-0.5, kNan, -3}),
         weight = vector_of<double>({2, kNan, 4});
  std::vector<Scalar> ignored{Scalar::of(int64_t{-100})};
  auto program = [](NllPart part, bool weighted) {
    return nll_sample_program(part, kLong, kDouble, weighted, kDouble);
  };
  expect_close(results<double>(program(NllPart::kLoss, false), {target, score}, ignored), {0.5, 0, 3});
  expect_close(results<double>(program(NllPart::kLoss, true), {target, score, weight}, ignored), {1, 0, 12});
  expect_close(results<double>(program(NllPart::kWeight, false), {target}, ignored), {1, 0, 1});
  expect_close(results<double>(program(NllPart::kWeight, true), {target, weight}, ignored), {2, 0, 4});
}

TEST(NllLoss, ASampleIsStoredInTheDtypeThatIsAskedFor) {
  ProgramRef program = nll_sample_program(NllPart::kLoss, DType::kU8, DType::kF32, false, DType::kF16);
  Tensor target = vector_of<uint8_t>({0, 255}), score = vector_of<float>({-2049, -1});
  EXPECT_EQ(results<uint16_t>(program, {target, score}, {Scalar::of(int64_t{255})}),
            (std::vector<uint16_t>{0x6800, 0}));  // 2048, as f16 has no 2049
}

TEST(NllLoss, TheMeanIsOverTheWeights) {
  expect_close(
      results<double>(nll_mean_program(kDouble, kDouble), {vector_of<double>({6, 0}), vector_of<double>({4, 0})}),
      {1.5, kNan});
}

TEST(NllLoss, OnlyTheSamplesClassHasAGradient) {
  std::vector<Scalar> ignored{Scalar::of(int64_t{-100})};
  Tensor target(kLong, {2, 1}, Longs{2, -100}), grad(kDouble, {2, 1}, Doubles{3, 5}), out(kDouble, {2, 3});
  Tensor weight = vector_of<double>({1, 2, 4}), total = vector_of<double>({8});
  run(nll_grad_program(kLong, kDouble, true, true, 1), {out}, {target, grad, weight, total}, ignored);
  expect_close(out.values<double>(), {0, 0, -1.5, 0, 0, 0});
  run(nll_grad_program(kLong, kDouble, true, false, 1), {out}, {target, grad, weight}, ignored);
  expect_close(out.values<double>(), {0, 0, -12, 0, 0, 0});
  Tensor one(kDouble, {3});
  run(nll_grad_program(kLong, kDouble, false, false, 0), {one}, {vector_of<int64_t>({1}), vector_of<double>({3})},
      ignored);
  expect_close(one.values<double>(), {0, -3, 0});
}

// The number that is ignored may be a class: it has no gradient either.
TEST(NllLoss, AClassMayBeIgnored) {
  Tensor out(kDouble, {3});
  run(nll_grad_program(kLong, kDouble, false, false, 0), {out}, {vector_of<int64_t>({1}), vector_of<double>({3})},
      {Scalar::of(int64_t{1})});
  expect_close(out.values<double>(), {0, 0, 0});
}

}  // namespace
}  // namespace lineshaft::frontend::formulas
