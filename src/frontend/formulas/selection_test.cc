#include "lineshaft/frontend/formulas/selection.h"

#include "frontend/run_program.h"

namespace lineshaft::frontend::formulas {
namespace {

using test::Doubles;
using test::expect_close;
using test::kInfinity;
using test::kNan;
using test::results;
using test::run;
using test::Tensor;
using test::vector_of;

using Bytes = std::vector<uint8_t>;
constexpr DType kDouble = DType::kF64;

TEST(Selection, Conversions) {
  EXPECT_EQ(convert_program(DType::kF16, DType::kF16), identity_program(DType::kF16));
  EXPECT_EQ(results<uint8_t>(convert_program(DType::kF32, DType::kU8), {vector_of<float>({2.9f, 255, 0})}),
            (Bytes{2, 255, 0}));
  EXPECT_EQ(results<uint8_t>(convert_program(DType::kI32, DType::kU8), {vector_of<int32_t>({300, -1})}),
            (Bytes{44, 255}));
  EXPECT_EQ(results<uint8_t>(convert_program(kDouble, DType::kBool), {vector_of<double>({0, -0.0, kNan, 0.5})}),
            (Bytes{0, 0, 1, 1}));
  // 256 is 0 in the last 8 bits, and true.
  EXPECT_EQ(results<uint8_t>(convert_program(DType::kI32, DType::kBool), {vector_of<int32_t>({256})}), (Bytes{1}));
  expect_close(results<double>(convert_program(DType::kBool, kDouble), {Tensor(DType::kBool, {2}, Bytes{0, 1})}),
               {0, 1});
}

TEST(Selection, NegatedConversions) {
  auto values = results<double>(convert_program(kDouble, kDouble, true), {vector_of<double>({0, 1, -kInfinity, kNan})});
  expect_close(values, {0, -1, kInfinity, kNan});
  EXPECT_TRUE(std::signbit(values[0]));
  EXPECT_EQ(results<int64_t>(convert_program(DType::kF32, DType::kI64, true), {vector_of<float>({2.9f, -2.9f})}),
            (std::vector<int64_t>{-2, 2}));
}

TEST(Selection, FillsEveryElement) {
  Tensor numbers(kDouble, {3}), bytes(DType::kI8, {2}), truths(DType::kBool, {2});
  run(fill_program(kDouble), {numbers}, {}, {Scalar::of(2.5)});
  EXPECT_EQ(numbers.values<double>(), (Doubles{2.5, 2.5, 2.5}));
  run(fill_program(DType::kI8), {bytes}, {}, {Scalar::of(int64_t{-3})});
  EXPECT_EQ(bytes.values<int8_t>(), (std::vector<int8_t>{-3, -3}));
  run(fill_program(DType::kBool), {truths}, {}, {Scalar::of(int64_t{1})});
  EXPECT_EQ(truths.values<uint8_t>(), (Bytes{1, 1}));
}

TEST(Selection, WhereTakesOneOfTwo) {
  Tensor truths(DType::kBool, {2}, Bytes{1, 0});
  expect_close(results<double>(where_program(DType::kBool, kDouble, kDouble, kDouble),
                               {truths, vector_of<double>({-0.5, kNan}), vector_of<double>({kNan, kInfinity})}),
               {-0.5, kInfinity});
  expect_close(
      results<double>(where_program(DType::kU8, DType::kI64, DType::kF32, kDouble),
                      {vector_of<uint8_t>({2, 0}), vector_of<int64_t>({7, 8}), vector_of<float>({0.5f, 0.25f})}),
      {7, 0.25});
}

TEST(Selection, MasksFill) {
  Tensor x = vector_of<double>({1, kNan, 3}), mask(DType::kBool, {3}, Bytes{0, 1, 1});
  expect_close(results<double>(masked_fill_program(DType::kBool, kDouble), {x, mask}, {Scalar::of(7.0)}), {1, 7, 7});
  expect_close(
      results<double>(masked_fill_program(DType::kU8, kDouble), {x, vector_of<uint8_t>({4, 0, 0})}, {Scalar::of(7.0)}),
      {7, kNan, 3});
  expect_close(results<double>(masked_fill_from_program(DType::kBool, kDouble, DType::kI32),
                               {x, mask, vector_of<int32_t>({-9})}),
               {1, -9, -9});
}

TEST(Selection, Triangles) {
  Tensor matrix(kDouble, {3, 4}, Doubles{1, 2, kNan, 4, 5, 6, 7, kInfinity, 9, 10, 11, 12}), out(kDouble, {3, 4});
  auto triangle = [&](bool lower, int64_t diagonal) {
    run(triangle_program(kDouble, lower, 2), {out}, {matrix}, {Scalar::of(diagonal)});
    return out.values<double>();
  };
  expect_close(triangle(true, 0), {1, 0, 0, 0, 5, 6, 0, 0, 9, 10, 11, 0});
  expect_close(triangle(true, -1), {0, 0, 0, 0, 5, 0, 0, 0, 9, 10, 0, 0});
  expect_close(triangle(false, 1), {0, 2, kNan, 4, 0, 0, 7, kInfinity, 0, 0, 0, 12});
  expect_close(triangle(false, 9), Doubles(12, 0));
  Tensor two(kDouble, {2, 2, 2}, Doubles{1, 2, 3, 4, 5, 6, 7, 8}), result(kDouble, {2, 2, 2});
  run(triangle_program(kDouble, true, 3), {result}, {two}, {Scalar::of(int64_t{0})});
  expect_close(result.values<double>(), {1, 0, 3, 4, 5, 0, 7, 8});
}

}  // namespace
}  // namespace lineshaft::frontend::formulas
