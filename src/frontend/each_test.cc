#include "lineshaft/frontend/each.h"

#include <gtest/gtest.h>

#include <numeric>

#include "frontend/tensor.h"
#include "lineshaft/frontend/devices.h"
#include "lineshaft/program/expression.h"
#include "support/expected_error.h"

namespace lineshaft::frontend {
namespace {

using test::Tensor;

// x + y * factor.
ProgramRef add_program() {
  ProgramBuilder p;
  Expr x = p.input(DType::kF32), y = p.input(DType::kF32);
  p.output(x + y * p.arg(DType::kF32), DType::kF32);
  return p.finish();
}

Tensor counted(std::vector<int64_t> sizes, float first = 0) {
  int64_t count = std::accumulate(sizes.begin(), sizes.end(), int64_t{1}, std::multiplies<>());
  std::vector<float> values(static_cast<size_t>(count));
  std::iota(values.begin(), values.end(), first);
  return {DType::kF32, std::move(sizes), values};
}

void begin(Each& each, std::initializer_list<Tensor> tensors) {
  std::vector<TensorRef> refs(tensors.begin(), tensors.end());
  each.begin(refs);
}

void add_group(Each& each, const Tensor& x, const Tensor& y, const Tensor& out) {
  each.input(x);
  each.input(y);
  each.output(out);
}

uint64_t commands(Each& each) {
  uint64_t before = stream(0).counters().recorded;
  each.record(stream(0));
  return stream(0).counters().recorded - before;
}

TEST(FrontendEach, GroupsOfSeveralShapesAreOneCommand) {
  Tensor a = counted({2, 3}), b = counted({4}), c = counted({}, 7), two = counted({}, 2);
  Each each(add_program(), 3);
  for (const Tensor& tensor : {a, b, c}) add_group(each, tensor, two, tensor);
  each.arg(10);
  EXPECT_EQ(commands(each), 1u);
  EXPECT_EQ(a.values<float>(), (std::vector<float>{20, 21, 22, 23, 24, 25}));
  EXPECT_EQ(b.values<float>(), (std::vector<float>{20, 21, 22, 23}));
  EXPECT_EQ(c.values<float>(), (std::vector<float>{27}));
}

TEST(FrontendEach, GroupsThatLackSomethingAreRefused) {
  Tensor a = counted({2}), b = counted({2});
  Each short_of_input(add_program());
  short_of_input.input(a);
  short_of_input.output(b);
  short_of_input.arg(1);
  expect_error(ErrorCode::kInvalidArgument, "1 inputs and 1 outputs are given",
               [&] { short_of_input.record(stream(0)); });
  Each short_of_args(add_program());
  for (int i = 0; i < 3; ++i) add_group(short_of_args, a, b, b);
  for (int i = 0; i < 2; ++i) short_of_args.arg(1);
  expect_error(ErrorCode::kInvalidArgument, "2 arguments are given; 3 groups take 1 together or 3",
               [&] { short_of_args.record(stream(0)); });
  expect_error(ErrorCode::kInvalidArgument, "a group has no tensor", [&] { begin(short_of_args, {}); });
  expect_error(ErrorCode::kInvalidArgument, "a program of one output at least", [] { Each each(nullptr); });
}

TEST(FrontendEach, ArgumentsOfEachGroup) {
  Tensor a = counted({2}), b = counted({3}), one = counted({}, 1);
  Each each(add_program());
  for (const Tensor& tensor : {a, b}) add_group(each, tensor, one, tensor);
  each.arg(10);
  each.arg(Scalar::of(20.0));
  EXPECT_EQ(commands(each), 1u);
  EXPECT_EQ(a.values<float>(), (std::vector<float>{10, 11}));
  EXPECT_EQ(b.values<float>(), (std::vector<float>{20, 21, 22}));
}

TEST(FrontendEach, TensorsThatDoNotLieAlike) {
  Tensor rows = counted({2, 3}), columns = counted({3, 2}).view({2, 3}, {1, 2}), out(DType::kF32, {2, 3});
  Tensor wide = counted({2, 6}), part = wide.view({2, 3}, {6, 1}, 2), more(DType::kF32, {2, 3});
  Each each(add_program());
  begin(each, {rows, columns, out});
  add_group(each, rows, columns, out);
  begin(each, {part, rows, more});
  add_group(each, part, rows, more);
  each.arg(1);
  EXPECT_EQ(commands(each), 1u);
  EXPECT_EQ(out.values<float>(), (std::vector<float>{0, 3, 6, 4, 7, 10}));
  EXPECT_EQ(more.values<float>(), (std::vector<float>{2, 4, 6, 11, 13, 15}));
}

TEST(FrontendEach, DenseTensorsOfOneLayoutMayHaveAnyRank) {
  // Nine axes, of which the last two lie the other way round: none of the rest merges with them.
  std::vector<int64_t> sizes{1, 2, 1, 2, 1, 2, 1, 2, 3}, strides{1, 4, 1, 2, 1, 8, 1, 1, 16};
  Tensor memory = counted({48}), tensor = memory.view(sizes, strides), one = counted({}, 1);
  Each each(add_program());
  begin(each, {tensor, tensor});
  add_group(each, tensor, one, tensor);
  each.arg(1);
  each.record(stream(0));
  EXPECT_EQ(memory.values<float>(), counted({48}, 1).values<float>());
}

TEST(FrontendEach, GroupsThatShareMemoryRunInTheirOrder) {
  Tensor memory = counted({5}), one = counted({}, 1);
  Each each(add_program());
  Tensor head = memory.view({4}, {1}), tail = memory.view({4}, {1}, 1), apart = counted({4});
  for (const Tensor& tensor : {memory, memory, head}) add_group(each, tensor, one, tensor);
  add_group(each, head, tail, apart);
  for (double factor : {1, 10, 100, 0}) each.arg(factor);
  EXPECT_EQ(commands(each), 4u);
  EXPECT_EQ(memory.values<float>(), (std::vector<float>{111, 112, 113, 114, 15}));
}

TEST(FrontendEach, GroupsThatOnlyReadOneMemoryAreOneCommand) {
  Tensor memory = counted({6}), one = counted({}, 1);
  Tensor left = memory.view({3}, {1}), right = memory.view({3}, {1}, 3);
  Each apart(add_program());
  for (const Tensor& tensor : {left, right}) add_group(apart, tensor, one, tensor);
  apart.arg(1);
  EXPECT_EQ(commands(apart), 1u);
  Each reading(add_program());
  Tensor results[] = {counted({6}), counted({6})};
  for (const Tensor& result : results) add_group(reading, memory, memory, result);
  reading.arg(1);
  EXPECT_EQ(commands(reading), 1u);
  EXPECT_EQ(memory.values<float>(), (std::vector<float>{1, 2, 3, 4, 5, 6}));
}

TEST(FrontendEach, OutputsAloneThatShareMemory) {
  ProgramBuilder p;
  p.output(p.constant(DType::kF32, 5.0), DType::kF32);
  Tensor memory = counted({3});
  Each each(p.finish());
  for (int i = 0; i < 2; ++i) each.output(memory);
  EXPECT_EQ(commands(each), 2u);
  EXPECT_EQ(memory.values<float>(), (std::vector<float>{5, 5, 5}));
}

TEST(FrontendEach, NoGroupsRecordNothing) {
  Each each(add_program());
  each.arg(1);
  EXPECT_EQ(commands(each), 0u);
}

TEST(FrontendEach, WhatCannotGoTogetherIsRefused) {
  Each each(add_program());
  expect_error(ErrorCode::kInvalidArgument, "tensors that go together have sizes [2, 3] and [3, 2]; they must be alike",
               [&] {
                 begin(each, {counted({2, 3}), counted({3, 2})});
               });
  std::vector<int64_t> sizes(9, 2), strides(9, 1);
  Tensor scattered = counted({2}).view(sizes, strides);
  expect_error(ErrorCode::kInvalidArgument, "at most 8 axes of tensors that do not lie alike in memory; these have 9",
               [&] { begin(each, {scattered}); });
}

}  // namespace
}  // namespace lineshaft::frontend
