#include <gtest/gtest.h>

#include "support/examples.h"

namespace lineshaft {
namespace {

using examples::expect_rejections;
using examples::resize;
using examples::view;

// A reduction of one view without prologue and epilogue.
Reduce plain(ReduceKind kind, DType input, DType output) {
  static TensorView views[1];
  views[0] = view(1, input, {4, 5});
  return {.kind = kind, .axes = 0b01, .inputs = views, .output = view(2, output, {1, 5})};
}

TEST(ReduceRules, ShapesAndPrograms) {
  expect_rejections<Reduce>(
      examples::reduce(),
      {{"outside rank 2", [](Reduce& o) { o.axes = 0b100; }},
       {"sizes [4, 1]; it takes [1, 5]", [](Reduce& o) { o.axes = 0b01; }},
       {"no input", [](Reduce& o) { o.inputs.count = 0; }},
       {"takes 2 inputs; 1", [](Reduce& o) { o.inputs.count = 1; }},
       {"without a prologue has 2 inputs", [](Reduce& o) { o.prologue = nullptr; }},
       {"takes 1 arguments; 0", [](Reduce& o) { o.args.count = 0; }},
       {"output is missing", [](Reduce& o) { o.output = {}; }},
       {"output is f16", [](Reduce& o) { o.output.dtype = DType::kF16; }},
       {"indices are given",
        [](Reduce& o) {
          o.indices = view(4, DType::kI64, {4, 1});
        }},
       {"variance is given",
        [](Reduce& o) {
          o.variance = view(4, DType::kF32, {4, 1});
        }},
       {"takes 2 inputs; the result and 0 more", [](Reduce& o) { o.epilogue.program = examples::multiply_add(); }},
       {"without a program", [](Reduce& o) { o.epilogue = {.inputs = o.inputs}; }},
       {"is unknown", [](Reduce& o) { o.kind = static_cast<ReduceKind>(99); }}});
}

TEST(ReduceRules, EachKindHasItsDtypes) {
  struct Case {
    ReduceKind kind;
    DType input, output;
    bool fits;
  };
  using enum DType;
  const Case cases[] = {
      {ReduceKind::kSum, kF16, kF32, true},       {ReduceKind::kSum, kF32, kI64, false},
      {ReduceKind::kSum, kBool, kI64, true},      {ReduceKind::kSum, kI32, kF32, false},
      {ReduceKind::kProd, kI8, kI64, true},       {ReduceKind::kMax, kI8, kI8, true},
      {ReduceKind::kMax, kI8, kI32, false},       {ReduceKind::kMin, kBool, kBool, true},
      {ReduceKind::kAny, kF32, kBool, true},      {ReduceKind::kAll, kF32, kU8, false},
      {ReduceKind::kArgMax, kF32, kI64, true},    {ReduceKind::kArgMin, kF32, kI32, false},
      {ReduceKind::kMaxIndex, kF32, kF32, false},  // without indices
      {ReduceKind::kMeanVar, kF32, kF32, false},   // without variance
  };
  for (const Case& each : cases) {
    Reduce op = plain(each.kind, each.input, each.output);
    if (each.fits)
      EXPECT_NO_THROW(validate(op)) << name_of(each.kind) << " " << name_of(each.input);
    else
      EXPECT_THROW(validate(op), Error) << name_of(each.kind) << " " << name_of(each.input);
  }
}

TEST(ReduceRules, IndicesAndVarianceBelongToTheirKinds) {
  Reduce index = plain(ReduceKind::kMaxIndex, DType::kF32, DType::kF32);
  index.indices = view(3, DType::kI64, {1, 5});
  expect_rejections<Reduce>(index, {{"indices is i32", [](Reduce& o) { o.indices.dtype = DType::kI32; }},
                                    {"indices has sizes [5]", [](Reduce& o) { o.indices = view(3, DType::kI64, {5}); }},
                                    {"must be disjoint", [](Reduce& o) { o.indices.buffer = o.output.buffer; }}});
  Reduce mean = plain(ReduceKind::kMeanVar, DType::kF32, DType::kF32);
  mean.variance = view(3, DType::kF32, {1, 5});
  expect_rejections<Reduce>(mean, {{"variance is i64", [](Reduce& o) { o.variance.dtype = DType::kI64; }},
                                   {"takes no epilogue", [](Reduce& o) { o.epilogue.program = examples::twice(); }}});
}

TEST(ReduceRules, NothingHasNoMaximum) {
  for (ReduceKind kind : {ReduceKind::kMax, ReduceKind::kArgMin, ReduceKind::kSum}) {
    TensorView input = view(1, DType::kI64, {0, 5});
    Reduce op{.kind = kind, .axes = 0b01, .inputs = {&input, 1}, .output = view(2, DType::kI64, {1, 5})};
    if (kind == ReduceKind::kSum)
      EXPECT_NO_THROW(validate(op));
    else
      EXPECT_THROW(validate(op), Error);
    op.axes = 0b10;  // no output element either: fine
    op.output = view(2, DType::kI64, {0, 1});
    EXPECT_NO_THROW(validate(op));
  }
}

TEST(ScanRules, KindsAxesAndIndices) {
  expect_rejections<Scan>(examples::scan(),
                          {{"axis 2 is outside rank 2", [](Scan& o) { o.axis = 2; }},
                           {"axis -1", [](Scan& o) { o.axis = -1; }},
                           {"output is f16; it takes f32", [](Scan& o) { o.output.dtype = DType::kF16; }},
                           {"sizes [3, 5]", [](Scan& o) { resize(o.output, 1, 5); }},
                           {"indices is f32", [](Scan& o) { o.indices.dtype = DType::kF32; }},
                           {"indices are given", [](Scan& o) { o.kind = ScanKind::kSum; }},
                           {"is unknown", [](Scan& o) { o.kind = static_cast<ScanKind>(5); }},
                           {"stored as i64", [](Scan& o) { o = {.axis = 1, .input = o.input, .output = o.indices}; }},
                           {"output is i64; it takes f64", [](Scan& o) {
                              o = {.kind = ScanKind::kLogSumExp, .axis = 1, .input = o.input, .output = o.indices};
                            }}});
}

TEST(ReduceRules, OutputsHaveOneElementOnReducedAxes) {
  const int64_t input[] = {2, 0, 3};
  Sizes sizes = reduce_output_sizes(input, 0b110);
  EXPECT_EQ(std::vector<int64_t>(sizes.begin(), sizes.end()), (std::vector<int64_t>{2, 1, 1}));
  EXPECT_EQ(reduce_output_sizes({}, 0).size(), 0u);
}

}  // namespace
}  // namespace lineshaft
