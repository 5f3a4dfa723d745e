#include "lineshaft/frontend/optimizers.h"

#include <gtest/gtest.h>

#include <cmath>

#include "frontend/tensor.h"
#include "lineshaft/frontend/devices.h"
#include "support/expected_error.h"

namespace lineshaft::frontend {
namespace {

using test::Tensor;
using Doubles = std::vector<double>;
constexpr DType kDouble = DType::kF64;

Tensor doubles(const Doubles& values) {
  return {kDouble, {static_cast<int64_t>(values.size())}, values};
}
Tensor number_f32(float value) {
  return {DType::kF32, {}, std::vector<float>{value}};
}

void expect_near(const Tensor& tensor, const Doubles& wanted) {
  Doubles got = tensor.values<double>();
  ASSERT_EQ(got.size(), wanted.size());
  for (size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], wanted[i], 1e-12) << "at " << i;
}

TEST(FrontendOptimizers, SgdTakesABufferAndAScale) {
  Tensor param = doubles({1, 2}), grad = doubles({4, 8}), buffer = doubles({1, -1});
  Tensor scale = number_f32(2), found = number_f32(0);
  StepTensors shared{.grad_scale = scale, .found_inf = found};
  formulas::SgdStep step{.type = kDouble, .momentum = true, .shared = step_inputs(shared)};
  EXPECT_TRUE(step.shared.grad_scale && step.shared.found_inf && !step.shared.lr);
  Each each(formulas::sgd_program(step), 1);
  add_sgd(each, step, {.param = param, .grad = grad, .buffer = buffer}, shared);
  add_arguments(each, formulas::sgd_arguments(step, 0.5, 0, 0.5, 0));
  each.record(stream(0));
  expect_near(grad, {2, 4});
  expect_near(buffer, {2.5, 3.5});
  expect_near(param, {1 - 1.25, 2 - 1.75});
}

TEST(FrontendOptimizers, SgdWithoutABufferTakesARateInATensor) {
  Tensor param = doubles({1}), grad = doubles({4}), lr(DType::kF64, {1}, Doubles{0.25});
  StepTensors shared{.lr = lr};
  formulas::SgdStep step{.type = kDouble, .shared = step_inputs(shared)};
  EXPECT_EQ(step.shared.lr, kDouble);
  Each each(formulas::sgd_program(step));
  add_sgd(each, step, {.param = param, .grad = grad}, shared);
  add_arguments(each, formulas::sgd_arguments(step, 0, 0, 0, 0));
  each.record(stream(0));
  expect_near(param, {0});
  Tensor two = doubles({1, 2});
  shared.lr = two;
  expect_error(ErrorCode::kInvalidArgument, "a number that a step shares has 2 elements",
               [&] { add_sgd(each, step, {.param = param, .grad = grad}, shared); });
}

TEST(FrontendOptimizers, AdagradTakesItsCount) {
  Tensor param = doubles({1}), grad = doubles({3}), sum = doubles({16}), count = number_f32(3);
  formulas::AdagradStep step{.type = kDouble};
  Each each(formulas::adagrad_program(step));
  add_adagrad(each, step, {.param = param, .grad = grad, .sum = sum, .count = count}, {});
  add_arguments(each, formulas::adagrad_arguments(step, 4, 0.5, 0, 0));
  each.record(stream(0));
  expect_near(sum, {25});
  expect_near(param, {1 - 4 / (1 + 2 * 0.5) * 3 / 5});
}

// m = 0.5 grad, v = 0.25 grad^2 in the first step from 0: what is corrected is grad / |grad|.
TEST(FrontendOptimizers, AdamWithCountsOnTheHostAndOnTheDevice) {
  formulas::AdamRates rates{.lr = 0.5, .beta1 = 0.5, .beta2 = 0.75};
  for (bool on_host : {true, false})
    for (bool amsgrad : {true, false}) {
      SCOPED_TRACE(::testing::Message() << on_host << amsgrad);
      Tensor params[] = {doubles({1, 2}), doubles({3})}, grads[] = {doubles({4, -8}), doubles({2})};
      Tensor ms[] = {doubles({0, 0}), doubles({0})}, vs[] = {doubles({0, 0}), doubles({0})};
      Tensor tops[] = {doubles({0, 0}), doubles({0})};
      formulas::AdamStep step{.type = kDouble, .state = kDouble, .host_counts = on_host, .amsgrad = amsgrad};
      Tensor one = number_f32(1), corrections(kDouble, {2, 2});
      TensorRef counts[] = {one, one};
      if (!on_host) record_adam_corrections(stream(0), counts, {}, rates, view_of(corrections.ref()));
      Each each(formulas::adam_program(step), 2);
      for (int i : {0, 1})
        add_adam(each, step,
                 {.param = params[i],
                  .grad = grads[i],
                  .m = ms[i],
                  .v = vs[i],
                  .highest = tops[i],
                  .step_size = adam_correction(view_of(corrections.ref()), i, 0),
                  .root = adam_correction(view_of(corrections.ref()), i, 1)},
                 {});
      add_arguments(each, formulas::adam_arguments(step, rates, 1));
      each.record(stream(0));
      expect_near(params[0], {0.5, 2.5});
      expect_near(params[1], {2.5});
      expect_near(ms[0], {2, -4});
      expect_near(vs[1], {1});
      expect_near(tops[0], amsgrad ? Doubles{4, 16} : Doubles{0, 0});
    }
}

TEST(FrontendOptimizers, CorrectionsOfEachCount) {
  Tensor first = number_f32(1), third(DType::kF32, {1}, std::vector<float>{3}), lr = doubles({0.5});
  Tensor corrections(kDouble, {2, 2});
  TensorRef counts[] = {first, third};
  record_adam_corrections(stream(0), counts, lr, {.beta1 = 0.5, .beta2 = 0.75}, view_of(corrections.ref()));
  expect_near(corrections, {1, 0.5, 0.5 / 0.875, std::sqrt(1 - 0.421875)});
  TensorView root = adam_correction(view_of(corrections.ref()), 1, 1);
  EXPECT_EQ(root.rank, 0);
  EXPECT_EQ(root.offset, 24);
}

}  // namespace
}  // namespace lineshaft::frontend
