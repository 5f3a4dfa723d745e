#include <gtest/gtest.h>

#include "support/examples.h"

namespace lineshaft {
namespace {

using examples::expect_rejections;
using examples::view;

TEST(MatmulRules, ShapesDtypesAndEpilogue) {
  expect_rejections<Matmul>(examples::matmul(),
                            {{"rank 4; it takes rank 2 or 3", [](Matmul& o) { o.a.rank = 4; }},
                             {"b has rank 2",
                              [](Matmul& o) {
                                o.b = view(2, DType::kF32, {4, 5});
                              }},
                             {"4 columns, 3 rows", [](Matmul& o) { o.b.sizes[1] = 3; }},
                             {"2 batches, b 1", [](Matmul& o) { o.b.sizes[0] = 1; }},
                             {"output has sizes [2, 3, 4]", [](Matmul& o) { o.output.sizes[2] = 4; }},
                             {"b is f16", [](Matmul& o) { o.b.dtype = DType::kF16; }},
                             {"stored as f32", [](Matmul& o) { o.a.dtype = o.b.dtype = DType::kI32; }},
                             {"a is bool", [](Matmul& o) { o.a.dtype = o.b.dtype = DType::kBool; }},
                             {"an epilogue's input has sizes",
                              [](Matmul& o) {
                                static TensorView wrong[1] = {view(4, DType::kF32, {3, 5})};
                                o.epilogue.inputs = wrong;
                              }},
                             {"must be disjoint",
                              [](Matmul& o) {
                                o.output.buffer = o.a.buffer;
                                o.output.offset = 0;
                              }},
                             {"b is missing", [](Matmul& o) { o.b = {}; }}});
}

TEST(MatmulRules, TransposedAndBroadcastViewsAndInPlaceEpilogues) {
  Matmul op = examples::matmul();
  op.a.strides = {0, 1, 3};
  op.output = op.epilogue.inputs[0];
  EXPECT_NO_THROW(validate(op));
  Matmul integers{
      .a = view(1, DType::kI64, {3, 4}), .b = view(2, DType::kI64, {4, 5}), .output = view(3, DType::kI64, {3, 5})};
  EXPECT_NO_THROW(validate(integers));
}

TEST(MatmulRules, OutputSizesAreRowsAndColumns) {
  const int64_t a[] = {5, 2, 3}, b[] = {5, 3, 4};
  Sizes batches = matmul_output_sizes(a, b),
        one = matmul_output_sizes(std::span(a).subspan(1), std::span(b).subspan(1));
  EXPECT_EQ(std::vector<int64_t>(batches.begin(), batches.end()), (std::vector<int64_t>{5, 2, 4}));
  EXPECT_EQ(std::vector<int64_t>(one.begin(), one.end()), (std::vector<int64_t>{2, 4}));
}

}  // namespace
}  // namespace lineshaft
