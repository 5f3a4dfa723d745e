#include "lineshaft/frontend/map.h"

#include <gtest/gtest.h>

#include "frontend/tensor.h"
#include "lineshaft/program/expression.h"
#include "support/expected_error.h"

namespace lineshaft::frontend {
namespace {

using test::Tensor;

ProgramRef sum_program() {
  ProgramBuilder p;
  Expr a = p.input(DType::kF32), b = p.input(DType::kF32);
  p.output(a + b, DType::kF32);
  return p.finish();
}

ProgramRef copy_program() {
  return identity_program(DType::kF32);
}

void run(ProgramRef program, const Tensor& out, std::initializer_list<Tensor> in) {
  std::vector<TensorRef> inputs(in.begin(), in.end()), outputs{out};
  record_map(stream(0), program, outputs, inputs);
}

TEST(FrontendMap, InputsBroadcast) {
  Tensor a(DType::kF32, {2, 1}, std::vector<float>{10, 20}), b(DType::kF32, {3}, std::vector<float>{1, 2, 3});
  Tensor out(DType::kF32, {2, 3});
  run(sum_program(), out, {a, b});
  EXPECT_EQ(out.values<float>(), (std::vector<float>{11, 12, 13, 21, 22, 23}));
}

TEST(FrontendMap, SizesThatDoNotBroadcastAreRefused) {
  Tensor a(DType::kF32, {2}), b(DType::kF32, {2, 3}), out(DType::kF32, {3});
  expect_error(ErrorCode::kInvalidArgument, "a tensor of sizes [2] does not broadcast to [3]",
               [&] { run(copy_program(), out, {a}); });
  expect_error(ErrorCode::kInvalidArgument, "output with shape [3] doesn't match the broadcast shape [2, 3]",
               [&] { run(copy_program(), out, {b}); });
}

TEST(FrontendMap, SizesOfManyAxesThatDoNotBroadcastAreRefused) {
  std::vector<int64_t> sizes(9, 1), other(9, 1), more(10, 1);
  sizes[0] = 2;
  other[0] = 3;
  Tensor out(DType::kF32, sizes), longer(DType::kF32, other), higher(DType::kF32, more);
  expect_error(ErrorCode::kInvalidArgument, "does not broadcast to [2, 1", [&] { run(copy_program(), out, {longer}); });
  expect_error(ErrorCode::kInvalidArgument, "does not broadcast to [2, 1", [&] { run(copy_program(), out, {higher}); });
  std::vector<TensorRef> outputs{out, longer}, inputs{out};
  expect_error(ErrorCode::kInvalidArgument, "they must be alike",
               [&] { record_map(stream(0), copy_program(), outputs, inputs); });
}

TEST(FrontendMap, WhatCannotRunIsRefused) {
  Tensor out(DType::kF32, {2});
  std::vector<TensorRef> outputs{out}, none;
  expect_error(ErrorCode::kInvalidArgument, "one output at least",
               [&] { record_map(stream(0), copy_program(), none, outputs); });
  expect_error(ErrorCode::kInvalidArgument, "one output at least",
               [&] { record_map(stream(0), nullptr, outputs, outputs); });
  std::vector<int64_t> nine(9, 2);
  expect_error(ErrorCode::kInvalidArgument, "a view of rank 9 passes the limit of 8",
               [&] { view_of(out.ref(), nine); });
}

TEST(FrontendMap, AnInputThatPartlyOverlapsTheOutputIsReadAsItWas) {
  Tensor memory(DType::kF32, {5}, std::vector<float>{1, 2, 3, 4, 5});
  run(copy_program(), memory.view({4}, {1}, 1), {memory.view({4}, {1}, 0)});
  EXPECT_EQ(memory.values<float>(), (std::vector<float>{1, 1, 2, 3, 4}));
}

TEST(FrontendMap, AnyRank) {
  // Ten axes of size 2, of which none merge: every second element of 2^11, transposed.
  std::vector<int64_t> sizes(10, 2), strides(10), dense(10);
  for (int i = 0; i < 10; ++i) {
    strides[i] = int64_t{2} << i;
    dense[i] = int64_t{1} << (9 - i);
  }
  std::vector<float> values(2048);
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
  Tensor in(DType::kF32, {2048}, values), out(DType::kF32, {1024});
  run(copy_program(), out.view(sizes, dense), {in.view(sizes, strides)});
  auto got = out.values<float>();
  for (int i = 0; i < 1024; ++i) {
    int from = 0;
    for (int axis = 0; axis < 10; ++axis)
      if (i >> (9 - axis) & 1) from += 2 << axis;
    ASSERT_EQ(got[i], static_cast<float>(from)) << i;
  }
}

TEST(FrontendMap, NumbersWrapAsElementsDo) {
  EXPECT_EQ(argument(int64_t{300}, DType::kU8).as_int(), 44);
  EXPECT_EQ(argument(int64_t{-129}, DType::kI8).as_int(), 127);
  EXPECT_EQ(argument(int64_t{1} << 32 | 7, DType::kI32).as_int(), 7);
  EXPECT_EQ(argument(2.9, DType::kI64).as_int(), 2);
  EXPECT_EQ(argument(0.5, DType::kBool).as_int(), 1);
  EXPECT_EQ(argument(0.1, DType::kF32).as_double(), 0.1);
  EXPECT_EQ(argument(1e300, DType::kI64).as_int(), INT64_MIN);
}

TEST(FrontendMap, ResultsHaveTheLayoutOfTheirInputs) {
  std::vector<int64_t> sizes{2, 3, 4, 5}, last{60, 1, 15, 3}, row_major{60, 20, 5, 1};
  TensorRef channels_last{.sizes = sizes, .strides = last};
  EXPECT_EQ(result_strides(sizes, std::vector<TensorRef>{channels_last}), last);
  EXPECT_EQ(result_strides(sizes, std::vector<TensorRef>{}), row_major);
  std::vector<int64_t> broadcast{0, 1, 0, 0};
  TensorRef channels{.sizes = sizes, .strides = broadcast};
  EXPECT_EQ(result_strides(sizes, std::vector<TensorRef>{channels, channels_last}), last);
}

}  // namespace
}  // namespace lineshaft::frontend
