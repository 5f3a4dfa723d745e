#include <gtest/gtest.h>

#include "support/examples.h"

namespace lineshaft {
namespace {

using examples::expect_rejections;
using examples::resize;
using examples::view;

TEST(SortRules, ValuesAndIndicesHaveTheInputsSizes) {
  expect_rejections<Sort>(examples::sort(), {{"axis 2", [](Sort& o) { o.axis = 2; }},
                                             {"indices is i32", [](Sort& o) { o.indices.dtype = DType::kI32; }},
                                             {"indices has sizes", [](Sort& o) { o.indices.sizes[0] = 2; }},
                                             {"values is f16", [](Sort& o) { o.values.dtype = DType::kF16; }},
                                             {"values has sizes", [](Sort& o) { o.values.sizes[1] = 3; }},
                                             {"must be disjoint", [](Sort& o) { o.values = o.input; }}});
  Sort order = examples::sort();
  order.values = {};
  EXPECT_NO_THROW(validate(order));
}

TEST(TopKRules, KIsAtMostTheAxis) {
  expect_rejections<TopK>(examples::topk(), {{"size 5 on axis 1; k is at most 4",
                                              [](TopK& o) {
                                                resize(o.values, 1, 5);
                                                resize(o.indices, 1, 5);
                                              }},
                                             {"size 2 on axis 0; it takes 3", [](TopK& o) { o.values.sizes[0] = 2; }},
                                             {"values is missing", [](TopK& o) { o.values = {}; }},
                                             {"indices has sizes", [](TopK& o) { o.indices.sizes[1] = 1; }},
                                             {"values is i64", [](TopK& o) { o.values.dtype = DType::kI64; }},
                                             {"axis -1", [](TopK& o) { o.axis = -1; }}});
}

TEST(CheckRules, TakesBool) {
  expect_rejections<Check>(examples::check(), {{"condition is u8", [](Check& o) { o.condition.dtype = DType::kU8; }},
                                               {"condition is missing", [](Check& o) { o.condition = {}; }},
                                               {"requirement 200 is unknown",
                                                [](Check& o) { o.requirement = static_cast<Requirement>(200); }}});
}

TEST(CompactRules, PositionsHoldEveryElement) {
  expect_rejections<Compact>(examples::compact(),
                             {{"positions has sizes [11]", [](Compact& o) { o.positions.sizes[0] = 11; }},
                              {"positions is i32", [](Compact& o) { o.positions.dtype = DType::kI32; }},
                              {"count has 2 elements", [](Compact& o) { o.count = view(3, DType::kI64, {2}); }},
                              {"count is f32", [](Compact& o) { o.count.dtype = DType::kF32; }},
                              {"mask is missing", [](Compact& o) { o.mask = {}; }}});
}

TEST(SampleRules, ParameterAndOutputAgree) {
  expect_rejections<Sample>(examples::sample(),
                            {{"parameter is f16", [](Sample& o) { o.parameter.dtype = DType::kF16; }},
                             {"output is f64", [](Sample& o) { o.output.dtype = DType::kF64; }},
                             {"output has sizes", [](Sample& o) { o.output.sizes[0] = 7; }},
                             {"is unknown", [](Sample& o) { o.kind = static_cast<SampleKind>(3); }}});
}

}  // namespace
}  // namespace lineshaft
