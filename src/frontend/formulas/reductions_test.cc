#include "lineshaft/frontend/formulas/reductions.h"

#include "frontend/run_program.h"

namespace lineshaft::frontend::formulas {
namespace {

using test::Doubles;
using test::expect_close;
using test::kInfinity;
using test::kNan;
using test::results;
using test::Tensor;
using test::vector_of;

using Longs = std::vector<int64_t>;
constexpr DType kDouble = DType::kF64;

TEST(Reductions, ValuesThatServeAsTheyAreNeedNoProgram) {
  EXPECT_EQ(reduced_values_program(DType::kF32, DType::kF32, false), nullptr);
  EXPECT_EQ(reduced_values_program(DType::kF16, DType::kF32, false), nullptr);
  EXPECT_EQ(reduced_values_program(DType::kU8, DType::kI32, false), nullptr);
  EXPECT_NE(reduced_values_program(DType::kI32, DType::kI64, false), nullptr);
  EXPECT_NE(reduced_values_program(DType::kBool, DType::kI64, false), nullptr);
  EXPECT_NE(reduced_values_program(DType::kF32, DType::kF32, true), nullptr);
}

TEST(Reductions, ValuesAreConverted) {
  EXPECT_EQ(results<int64_t>(reduced_values_program(kDouble, DType::kI64, false), {vector_of<double>({2.9, -2.9, 0})}),
            (Longs{2, -2, 0}));
  Tensor truths(DType::kBool, {2}, std::vector<uint8_t>{0, 1});
  EXPECT_EQ(results<int64_t>(reduced_values_program(DType::kBool, DType::kI64, false), {truths}), (Longs{0, 1}));
  EXPECT_EQ(results<int64_t>(reduced_values_program(DType::kI32, DType::kI64, true), {vector_of<int32_t>({5, -5})}),
            (Longs{5, -5}));
  expect_close(results<double>(reduced_values_program(kDouble, kDouble, true),
                               {vector_of<double>({kNan, kInfinity, -kInfinity, 2})}),
               {0, kInfinity, -kInfinity, 2});
}

TEST(Reductions, NanCountsAsNotZero) {
  EXPECT_EQ(results<int64_t>(count_nonzero_program(kDouble), {vector_of<double>({0, -0.0, kNan, 0.5, -kInfinity})}),
            (Longs{0, 0, 1, 1, 1}));
  EXPECT_EQ(results<int64_t>(count_nonzero_program(DType::kU8), {vector_of<uint8_t>({0, 1, 255})}), (Longs{0, 1, 1}));
}

TEST(Reductions, MeansAndRoots) {
  expect_close(results<double>(mean_program(kDouble, kDouble), {vector_of<double>({6, -1})}, {Scalar::of(4.0)}),
               {1.5, -0.25});
  expect_close(results<double>(mean_program(kDouble, kDouble), {vector_of<double>({0})}, {Scalar::of(0.0)}), {kNan});
  expect_close(results<double>(square_root_program(kDouble, kDouble), {vector_of<double>({4, 0, -1, kInfinity, 2})}),
               {2, 0, kNan, kInfinity, std::sqrt(2.0)});
}

double norm(double order, const Doubles& values) {
  VectorNorm norm = vector_norm_of(order);
  Tensor in = vector_of<double>(values), out(kDouble, {1});
  TensorRef from = in, to = out;
  TensorView input = view_of(from);
  std::vector<Scalar> exponent{Scalar::of(order)}, root{Scalar::of(1 / order)};
  Reduce op;
  op.kind = vector_norm_kind(norm);
  op.axes = 1;
  op.prologue = vector_norm_prologue(norm, kDouble, kDouble);
  op.inputs = {&input, 1};
  op.output = view_of(to);
  op.epilogue.program = vector_norm_epilogue(norm, kDouble, kDouble);
  if (norm == VectorNorm::kPower) {
    op.args = exponent;
    op.epilogue.args = root;
  }
  stream(0).record(op);
  return out.values<double>()[0];
}

TEST(Reductions, NormsOfAllOrders) {
  Doubles values{3, -4, 0};
  EXPECT_EQ(norm(0, values), 2);
  EXPECT_EQ(norm(1, values), 7);
  EXPECT_NEAR(norm(2, values), 5, 1e-12);
  EXPECT_EQ(norm(kInfinity, values), 4);
  EXPECT_EQ(norm(-kInfinity, values), 0);
  EXPECT_NEAR(norm(3, values), std::cbrt(91.0), 1e-10);
  EXPECT_NEAR(norm(0.5, values), std::pow(std::sqrt(3.0) + 2, 2), 1e-10);
  EXPECT_NEAR(norm(-1, {3, -4}), 12.0 / 7, 1e-10);
}

TEST(Reductions, NormsOfWhatIsNoNumber) {
  EXPECT_EQ(norm(0, {kNan, 1, 0}), 2);
  EXPECT_EQ(norm(1, {-kInfinity, 1}), kInfinity);
  for (double order : {1.0, 2.0, kInfinity, -kInfinity}) EXPECT_TRUE(std::isnan(norm(order, {kNan, 1}))) << order;
}

}  // namespace
}  // namespace lineshaft::frontend::formulas
