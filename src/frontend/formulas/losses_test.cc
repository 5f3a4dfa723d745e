#include "lineshaft/frontend/formulas/losses.h"

#include "frontend/run_program.h"

namespace lineshaft::frontend::formulas {
namespace {

using test::Doubles;
using test::evaluate;
using test::expect_close;
using test::kInfinity;
using test::kNan;

TEST(Losses, SquaredDifference) {
  expect_close(evaluate(mse_loss, Doubles{1, -2, 0, kInfinity, kNan}, Doubles{3, -2, -0.0, 1, 1}),
               {4, 0, 0, kInfinity, kNan});
  expect_close(evaluate(mse_loss_grad, Doubles{0.5}, Doubles{1, -2, 5}, Doubles{3, -2, 1}, Doubles{0.25}),
               {-0.5, 0, 1});
}

TEST(Losses, SmoothL1IsASquareBelowBeta) {
  Doubles x{0, 1, -1, 2, -2, 3, kInfinity, kNan}, y{0}, beta{2};
  expect_close(evaluate(smooth_l1_loss, x, y, beta), {0, 0.25, 0.25, 1, 1, 2, kInfinity, kNan});
  expect_close(evaluate(smooth_l1_loss, Doubles{0, 0.5, -3}, y, Doubles{0}), {0, 0.5, 3});
  Doubles grad{3}, norm{0.5};
  expect_close(evaluate(smooth_l1_loss_grad, grad, Doubles{0, 1, 2, -2, 5, -5}, y, beta, norm),
               {0, 0.75, 1.5, -1.5, 1.5, -1.5});
  // With beta = 0 there is no square.
  expect_close(evaluate(smooth_l1_loss_grad, grad, Doubles{0.25, -0.25}, y, Doubles{0}, norm), {1.5, -1.5});
}

TEST(Losses, HuberIsASquareUpToDelta) {
  Doubles y{0}, delta{2};
  expect_close(evaluate(huber_loss, Doubles{0, 1, 2, -3, kInfinity, kNan}, y, delta), {0, 0.5, 2, 4, kInfinity, kNan});
  expect_close(evaluate(huber_loss_grad, Doubles{3}, Doubles{0, 1, 2, 3, -2, -3}, y, delta, Doubles{0.5}),
               {0, 1.5, 3, 3, -3, -3});
}

TEST(Losses, CrossEntropyIsFiniteAtTheEnds) {
  Doubles x{0.25, 0.25, 0, 1, 0, 1}, y{1, 0.5, 0, 1, 1, 0};
  Doubles loss{std::log(4.0), -0.5 * std::log(0.75) - 0.5 * std::log(0.25), 0, 0, 100, 100};
  expect_close(evaluate(binary_cross_entropy, x, y), loss);
  for (double& value : loss) value *= 3;
  expect_close(evaluate(weighted_binary_cross_entropy, x, y, Doubles{3}), loss);
  Doubles grad{2}, norm{0.5};
  expect_close(evaluate(binary_cross_entropy_grad, grad, Doubles{0.25, 0, 1}, Doubles{1, 1, 1}, norm), {-4, -1e12, 0});
  expect_close(
      evaluate(weighted_binary_cross_entropy_grad, grad, Doubles{0.25, 0, 1}, Doubles{1, 1, 0}, Doubles{3}, norm),
      {-12, -3e12, 3e12});
}

// Each gradient is the slope of its loss.
TEST(Losses, GradientsAreSlopes) {
  Doubles x{0.1, 0.3, 0.6, 0.9}, y{0.8, 0.25, 0.5, 0.2}, bound{0.3}, one{1};
  const double step = 1e-6;
  Doubles after = x, before = x;
  for (double& value : after) value += step;
  for (double& value : before) value -= step;
  auto check = [&](const Doubles& high, const Doubles& low, const Doubles& slope) {
    for (size_t i = 0; i < x.size(); ++i) EXPECT_NEAR(slope[i], (high[i] - low[i]) / (2 * step), 1e-6) << i;
  };
  check(evaluate(mse_loss, after, y), evaluate(mse_loss, before, y), evaluate(mse_loss_grad, one, x, y, one));
  check(evaluate(smooth_l1_loss, after, y, bound), evaluate(smooth_l1_loss, before, y, bound),
        evaluate(smooth_l1_loss_grad, one, x, y, bound, one));
  check(evaluate(huber_loss, after, y, bound), evaluate(huber_loss, before, y, bound),
        evaluate(huber_loss_grad, one, x, y, bound, one));
  check(evaluate(binary_cross_entropy, after, y), evaluate(binary_cross_entropy, before, y),
        evaluate(binary_cross_entropy_grad, one, x, y, one));
}

TEST(Losses, LabelsAreClassesOrTheEnd) {
  ProgramBuilder p;
  Expr label = p.input(DType::kI64);
  p.output(is_class_or_end(label, p.arg(DType::kI64)), DType::kBool);
  EXPECT_EQ(test::results<uint8_t>(p.finish(), {test::vector_of<int64_t>({-2, -1, 0, 2, 3})}, {Scalar::of(int64_t{3})}),
            (std::vector<uint8_t>{0, 1, 1, 1, 0}));
}

}  // namespace
}  // namespace lineshaft::frontend::formulas
