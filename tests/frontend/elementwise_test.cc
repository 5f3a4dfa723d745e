#include "lineshaft/frontend/elementwise.h"

#include <gtest/gtest.h>

#include "frontend/run_program.h"

namespace lineshaft::frontend {
namespace {

using test::Doubles;
using test::results;
using test::vector_of;

// 1 + 2^-12 is a number of f32, and 1 in f16 and bf16.
constexpr float kFine = 1 + 0x1p-12f;

TEST(FrontendElementwise, OperandsAreTakenInTheDtypeOfComputation) {
  auto taken = [](DType compute) {
    ProgramBuilder p;
    p.output(cast(load_operand(p, DType::kF32, compute), DType::kF64), DType::kF64);
    return results<double>(p.finish(), {vector_of<float>({kFine, 300.75f, -2.5f, 0})});
  };
  EXPECT_EQ(taken(DType::kF32), (Doubles{kFine, 300.75, -2.5, 0}));
  EXPECT_EQ(taken(DType::kF16), (Doubles{1, 300.75, -2.5, 0}));
  EXPECT_EQ(taken(DType::kBF16), (Doubles{1, 300, -2.5, 0}));
  EXPECT_EQ(taken(DType::kI32), (Doubles{1, 300, -2, 0}));
  EXPECT_EQ(taken(DType::kBool), (Doubles{1, 1, 1, 0}));
}

TEST(FrontendElementwise, WideIntegersWrapAsAConversionWraps) {
  ProgramBuilder p;
  p.output(cast(load_operand(p, DType::kI64, DType::kU8), DType::kI64), DType::kI64);
  EXPECT_EQ(results<int64_t>(p.finish(), {vector_of<int64_t>({300, -1, 7})}), (std::vector<int64_t>{44, 255, 7}));
}

TEST(FrontendElementwise, NumbersAreRoundedAsElementsAre) {
  auto taken = [](double number, DType compute) {
    ProgramBuilder p;
    p.output(cast(load_number(p, compute), DType::kF64), DType::kF64);
    return results<double>(p.finish(), {}, {argument(number, compute)});
  };
  EXPECT_EQ(taken(kFine, DType::kF32), Doubles{kFine});
  EXPECT_EQ(taken(kFine, DType::kF16), Doubles{1});
  EXPECT_EQ(taken(0.1, DType::kF64), Doubles{0.1});
  EXPECT_EQ(taken(0.1, DType::kF32), Doubles{0.1f});
  EXPECT_EQ(taken(300, DType::kU8), Doubles{44});
  EXPECT_EQ(taken(0.5, DType::kBool), Doubles{1});
}

TEST(FrontendElementwise, ResultsAreRoundedBeforeTheyAreConverted) {
  auto stored = [](DType result) {
    ProgramBuilder p;
    store_result(p, p.input(DType::kF32) + 0x1p-12, result, DType::kF32);
    return results<float>(p.finish(), {vector_of<float>({1, 2})});
  };
  EXPECT_EQ(stored(DType::kF32), (std::vector<float>{kFine, 2 + 0x1p-12f}));
  EXPECT_EQ(stored(DType::kF16), (std::vector<float>{1, 2}));
}

TEST(FrontendElementwise, TruthIsStoredAsOneAndZero) {
  ProgramBuilder p;
  store_result(p, load_operand(p, DType::kF32, DType::kF64) > 0.0, DType::kBool, DType::kI32);
  EXPECT_EQ(results<int32_t>(p.finish(), {vector_of<float>({3, -3})}), (std::vector<int32_t>{1, 0}));
}

constexpr auto product = [](auto... values) { return (values * ...); };

TEST(FrontendElementwise, NumbersAndTensorsKeepTheirPlaces) {
  static ProgramCache cache;
  auto run = [&](DType storage) {
    std::array operands{ElementwiseOperand::number(), ElementwiseOperand::tensor(storage)};
    return elementwise_program(cache, operands, DType::kF64, DType::kF64, DType::kF64,
                               [](Expr x, Expr y) { return x - y; });
  };
  EXPECT_EQ(results<double>(run(DType::kF32), {vector_of<float>({1, 2})}, {Scalar::of(10.0)}), (Doubles{9, 8}));
  EXPECT_EQ(results<double>(run(DType::kI64), {vector_of<int64_t>({1, 2})}, {Scalar::of(10.0)}), (Doubles{9, 8}));
  EXPECT_EQ(run(DType::kF32), run(DType::kF32));
  EXPECT_NE(run(DType::kF32), run(DType::kI64));
}

TEST(FrontendElementwise, ExactOperandsAreNotRounded) {
  static ProgramCache cache;
  auto run = [&](ElementwiseOperand x, ElementwiseOperand y) {
    ProgramRef program = elementwise_program(cache, std::array{x, y}, DType::kF16, DType::kF32, DType::kF32, product);
    return results<float>(program, {vector_of<float>({kFine})}, {Scalar::of(double{kFine})})[0];
  };
  auto tensor = ElementwiseOperand::tensor(DType::kF32), exact = ElementwiseOperand::exact_tensor(DType::kF32);
  EXPECT_EQ(run(tensor, ElementwiseOperand::number()), 1);
  EXPECT_EQ(run(exact, ElementwiseOperand::number()), kFine);
  EXPECT_EQ(run(tensor, ElementwiseOperand::exact_number()), kFine);
  EXPECT_EQ(run(exact, ElementwiseOperand::exact_number()), kFine * kFine);
}

TEST(FrontendElementwise, ProgramsOfOneFormulaDifferByDtypesAndCount) {
  static ProgramCache cache;
  auto tensor = ElementwiseOperand::tensor(DType::kF32);
  auto program = [&](auto operands, DType compute, DType result, DType storage) {
    return elementwise_program(cache, operands, compute, result, storage, product);
  };
  ProgramRef one = program(std::array{tensor}, DType::kF32, DType::kF16, DType::kF32);
  ProgramRef two = program(std::array{tensor, tensor}, DType::kF32, DType::kF16, DType::kF32);
  ProgramRef wide = program(std::array{tensor}, DType::kF32, DType::kF32, DType::kF32);
  EXPECT_EQ(results<float>(one, {vector_of<float>({kFine})}), std::vector<float>{1});
  EXPECT_EQ(results<float>(two, {vector_of<float>({3}), vector_of<float>({kFine})}), std::vector<float>{3});
  EXPECT_EQ(results<float>(wide, {vector_of<float>({kFine})}), std::vector<float>{kFine});
}

}  // namespace
}  // namespace lineshaft::frontend
