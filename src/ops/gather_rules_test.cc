#include <gtest/gtest.h>

#include <cmath>

#include "support/examples.h"

namespace lineshaft {
namespace {

using examples::expect_rejections;
using examples::view;

template <class Op>
void index_rules(const Op& op) {
  static int64_t negative[1] = {-1}, far[1] = {int64_t{1} << 53};
  static TensorView floats[1] = {view(2, DType::kF32, {3, 4})}, shorter[1] = {view(2, DType::kI64, {3})};
  expect_rejections<Op>(op, {{"0 indices are given", [](Op& o) { o.indices.count = 0; }},
                             {"9 indices are given", [](Op& o) { o.indices.count = 9; }},
                             {"have 0 strides", [](Op& o) { o.index_strides.count = 0; }},
                             {"and 0 bounds", [](Op& o) { o.bounds.count = 0; }},
                             {"index stride 0 is -1", [](Op& o) { o.index_strides = negative; }},
                             {"bound 0 is -1", [](Op& o) { o.bounds = negative; }},
                             {"2^52", [](Op& o) { o.bounds = far; }},
                             {"2^52", [](Op& o) { o.index_strides = far; }},
                             {"an index is f32", [](Op& o) { o.indices = floats; }},
                             {"an index has sizes", [](Op& o) { o.indices = shorter; }}});
}

TEST(GatherRules, IndicesStayInsideWhatTheirBoundsReach) {
  index_rules(examples::gather());
  expect_rejections<Gather>(
      examples::gather(), {{"the base has sizes", [](Gather& o) { o.input.sizes[0] = 2; }},
                           {"output is f16", [](Gather& o) { o.output.dtype = DType::kF16; }},
                           {"overlaps itself", [](Gather& o) { o.output.strides[0] = 0; }},
                           {"the base is missing", [](Gather& o) { o.input = {}; }},
                           {"must be disjoint", [](Gather& o) {  // inside the table, though apart from the base itself
                              o.output.buffer = o.input.buffer;
                              o.output.offset = 64;
                            }}});
  Gather apart = examples::gather();
  apart.output.buffer = apart.input.buffer;
  apart.output.offset = 160;
  EXPECT_NO_THROW(validate(apart));
}

// The text of an error names what is wrong, and reads nothing that a view does not have.
TEST(GatherRules, ViewsOfWildRanksAndDtypesAreRefused) {
  static TensorView wild[2] = {view(2, DType::kI64, {3, 4}), view(2, DType::kI64, {3, 4})};
  wild[0].rank = 200;
  wild[1].dtype = static_cast<DType>(77);
  expect_rejections<Gather>(examples::gather(),
                            {{"output: a view of rank 200", [](Gather& o) { o.output.rank = 200; }},
                             {"output: dtype number 77", [](Gather& o) { o.output.dtype = static_cast<DType>(77); }},
                             {"the base: a view of rank 200", [](Gather& o) { o.input.rank = 200; }},
                             {"an index: a view of rank 200",
                              [](Gather& o) {
                                o.indices = {&wild[0], 1};
                              }},
                             {"an index: dtype number 77", [](Gather& o) {
                                o.indices = {&wild[1], 1};
                              }}});
  expect_rejections<Scatter>(examples::scatter(),
                             {{"source: a view of rank 200", [](Scatter& o) { o.source.rank = 200; }},
                              {"the base: a view of rank 200", [](Scatter& o) { o.target.rank = 200; }},
                              {"the base is missing", [](Scatter& o) {
                                 o.target = {};
                                 o.target.rank = 200;
                               }}});
}

TEST(GatherRules, WhatIsReachablePastEveryLimitStaysThere) {
  Gather op = examples::gather();
  int64_t far[1] = {INT64_MAX};
  TensorView all = reachable(op.input, far, far);
  EXPECT_EQ(all.sizes[0], INT64_MAX);
  EXPECT_THROW(validate_view(all), Error);
}

TEST(GatherRules, ReachableIsBasePlusBounds) {
  Gather op = examples::gather();
  TensorView all = reachable(op.input, op.index_strides, op.bounds);
  EXPECT_EQ(all.rank, 1);
  EXPECT_EQ(all.sizes[0], 40);
  op.input.offset = 8;
  op.input.strides[1] = -1;  // from element 2 down to -1
  EXPECT_EQ(byte_range(reachable(op.input, op.index_strides, op.bounds)).begin, -4);
  op.input.sizes[1] = 0;
  EXPECT_EQ(reachable(op.input, op.index_strides, op.bounds).numel(), 0);
}

TEST(ScatterRules, TheTargetIsApartFromWhatIsRead) {
  index_rules(examples::scatter());
  expect_rejections<Scatter>(examples::scatter(),
                             {{"source is f16", [](Scatter& o) { o.source.dtype = DType::kF16; }},
                              {"the base has sizes", [](Scatter& o) { o.target.sizes[1] = 3; }},
                              {"stride -1", [](Scatter& o) { o.target.strides[1] = -1; }},
                              {"is unknown", [](Scatter& o) { o.kind = static_cast<ScatterKind>(5); }},
                              {"must be disjoint", [](Scatter& o) { o.source = o.target; }},
                              {"source is missing", [](Scatter& o) { o.source = {}; }}});
}

TEST(ScatterRules, TheIdentityChangesNoNumber) {
  EXPECT_EQ(scatter_identity(ScatterKind::kAdd, DType::kF16).as_double(), 0);
  EXPECT_EQ(scatter_identity(ScatterKind::kMultiply, DType::kF32).as_double(), 1);
  EXPECT_EQ(scatter_identity(ScatterKind::kMultiply, DType::kI8).as_int(), 1);
  EXPECT_EQ(scatter_identity(ScatterKind::kMax, DType::kBF16).as_double(), -HUGE_VAL);
  EXPECT_EQ(scatter_identity(ScatterKind::kMin, DType::kF64).as_double(), HUGE_VAL);
  EXPECT_EQ(scatter_identity(ScatterKind::kMax, DType::kI64).as_int(), INT64_MIN);
  EXPECT_EQ(scatter_identity(ScatterKind::kMin, DType::kI64).as_int(), INT64_MAX);
  EXPECT_EQ(scatter_identity(ScatterKind::kMin, DType::kI16).as_int(), 32767);
  EXPECT_EQ(scatter_identity(ScatterKind::kMax, DType::kI8).as_int(), -128);
  EXPECT_EQ(scatter_identity(ScatterKind::kMin, DType::kU8).as_int(), 255);
  EXPECT_EQ(scatter_identity(ScatterKind::kMax, DType::kBool).as_int(), 0);
  EXPECT_EQ(scatter_identity(ScatterKind::kMin, DType::kBool).as_int(), 1);
  expect_error("scatter assign has no identity", [] { scatter_identity(ScatterKind::kAssign, DType::kF32); });
}

}  // namespace
}  // namespace lineshaft
