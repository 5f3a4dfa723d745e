#include "lineshaft/frontend/losses.h"

#include "frontend/run_program.h"
#include "lineshaft/frontend/formulas/losses.h"
#include "support/expected_error.h"

namespace lineshaft::frontend {
namespace {

using test::Doubles;
using test::expect_close;
using test::kNan;
using test::Tensor;

ProgramRef huber_elements() {
  ProgramBuilder p;
  Expr x = p.input(DType::kF64), y = p.input(DType::kF64);
  p.output(formulas::huber_loss(x, y, p.arg(DType::kF64)), DType::kF64);
  return p.finish();
}

Doubles huber_over(const Tensor& x, const Tensor& y, bool mean) {
  std::span<const int64_t> sizes = x.ref().sizes;
  TensorView inputs[] = {view_of(x.ref()), view_of(y.ref(), sizes)};
  Scalar delta[] = {Scalar::of(1.0)};
  Tensor loss(DType::kF64, {});
  record_loss(stream(0), huber_elements(), inputs, delta, mean, view_of(loss.ref()));
  return loss.values<double>();
}

TEST(FrontendLosses, ElementsAreSummedOrAveraged) {
  Tensor x(DType::kF64, {2, 2}, Doubles{1, 2, 3, 4}), y(DType::kF64, {2}, Doubles{1, 1});
  expect_close(huber_over(x, y, false), {0 + 0.5 + 1.5 + 2.5});
  expect_close(huber_over(x, y, true), {4.5 / 4});
}

TEST(FrontendLosses, OfOneNumberAndOfNone) {
  Tensor two(DType::kF64, {}, Doubles{2}), one(DType::kF64, {}, Doubles{1}), none(DType::kF64, {0});
  expect_close(huber_over(two, one, true), {0.5});
  expect_close(huber_over(none, none, false), {0});
  expect_close(huber_over(none, none, true), {kNan});
}

TEST(FrontendLosses, WithoutInputsThereIsNoLoss) {
  Tensor loss(DType::kF64, {});
  expect_error(ErrorCode::kInvalidArgument, "one input at least",
               [&] { record_loss(stream(0), huber_elements(), {}, {}, true, view_of(loss.ref())); });
}

TEST(FrontendLosses, GradientsOfAMeanAreDivided) {
  EXPECT_EQ(loss_norm(4, true), 0.25);
  EXPECT_EQ(loss_norm(4, false), 1);
}

}  // namespace
}  // namespace lineshaft::frontend
