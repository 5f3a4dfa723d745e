#include "lineshaft/frontend/formulas/products.h"

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

constexpr DType kDouble = DType::kF64;

TEST(Products, EpiloguesAddAndScale) {
  Tensor product = vector_of<double>({3, -1, kInfinity}), addend = vector_of<double>({5, 0.5, -kInfinity});
  Scalar alpha = Scalar::of(2.0), beta = Scalar::of(10.0);
  expect_close(results<double>(product_epilogue_program(kDouble, true, true), {product, addend}, {alpha, beta}),
               {56, 3, kNan});
  expect_close(results<double>(product_epilogue_program(kDouble, true, false), {product, addend}), {8, -0.5, kNan});
  expect_close(results<double>(product_epilogue_program(kDouble, false, true), {product}, {alpha}), {6, -2, kInfinity});
}

TEST(Products, EpiloguesOfIntegers) {
  ProgramRef program = product_epilogue_program(DType::kI32, true, true);
  EXPECT_EQ(results<int32_t>(program, {vector_of<int32_t>({3, -4}), vector_of<int32_t>({5, 6})},
                             {Scalar::of(int64_t{2}), Scalar::of(int64_t{-1})}),
            (std::vector<int32_t>{1, -14}));
}

// 2049 + 1 in f32, then rounded once to f16, which has even numbers only from 2048 on.
TEST(Products, HalvesAreRoundedOnce) {
  Tensor sum = vector_of<float>({2049}), one(DType::kF16, {1}, std::vector<uint16_t>{0x3c00});
  std::vector<uint16_t> wanted{0x6801};  // 2050; 2049 alone would be 2048
  EXPECT_EQ(results<uint16_t>(product_epilogue_program(DType::kF16, true, false), {sum, one}), wanted);
  EXPECT_EQ(results<uint16_t>(bias_program(DType::kF16, DType::kF16), {sum, one}), wanted);
}

TEST(Products, ABiasMayHaveAnotherDtype) {
  expect_close(
      results<double>(bias_program(kDouble, DType::kF32), {vector_of<double>({1, 2}), vector_of<float>({0.5f})}),
      {1.5, 2.5});
}

TEST(Products, DotsAreTakenInTheAccumulatorsType) {
  EXPECT_EQ(
      results<int64_t>(dot_program(DType::kI32), {vector_of<int32_t>({1 << 20, -7}), vector_of<int32_t>({1 << 20, 3})}),
      (std::vector<int64_t>{int64_t{1} << 40, -21}));
  Tensor large(DType::kF16, {1}, std::vector<uint16_t>{0x7800});  // 2^15
  EXPECT_EQ(results<float>(dot_program(DType::kF16), {large, large}), (std::vector<float>{0x1p30f}));
  expect_close(results<double>(dot_program(kDouble), {vector_of<double>({0.5, 0}), vector_of<double>({-3, kInfinity})}),
               {-1.5, kNan});
}

}  // namespace
}  // namespace lineshaft::frontend::formulas
