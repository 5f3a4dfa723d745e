#include "ops/attention_rules.h"

#include <gtest/gtest.h>

#include <cmath>

#include "support/examples.h"

namespace lineshaft {
namespace {

using examples::expect_rejections;
using examples::resize;
using examples::view;

TEST(AttentionRules, ShapesDtypesAndParameters) {
  expect_rejections<Attention>(
      examples::attention(),
      {{"query has rank 3", [](Attention& o) { o.query.rank = 3; }},
       {"key has sizes [1, 2, 5, 3]; it takes [1, 2, 5, 4]", [](Attention& o) { o.key.sizes[3] = 3; }},
       {"value has sizes", [](Attention& o) { o.value.sizes[2] = 4; }},
       {"mask has sizes", [](Attention& o) { o.mask.sizes[2] = 1; }},
       {"mask is i64", [](Attention& o) { o.mask.dtype = DType::kI64; }},
       {"output has sizes", [](Attention& o) { o.output.sizes[3] = 4; }},
       {"logsumexp has sizes", [](Attention& o) { resize(o.logsumexp, 2, 4); }},
       {"logsumexp is f16", [](Attention& o) { o.logsumexp.dtype = DType::kF16; }},
       {"logsumexp is missing", [](Attention& o) { o.logsumexp = {}; }},
       {"query is i32", [](Attention& o) { o.query.dtype = DType::kI32; }},
       {"value is f16", [](Attention& o) { o.value.dtype = DType::kF16; }},
       {"dropout is 1", [](Attention& o) { o.params.dropout = 1; }},
       {"dropout is nan", [](Attention& o) { o.params.dropout = NAN; }},
       {"scale is inf", [](Attention& o) { o.params.scale = INFINITY; }},
       {"more than 2^52", [](Attention& o) {  // broadcast by stride 0, so that no view itself is large
          for (TensorView* v : {&o.query, &o.key, &o.value, &o.output, &o.logsumexp})
            *v = contiguous_view(v->buffer, v->dtype, {0, 1 << 20, 1 << 20, 1});
          o.mask = {};
          o.logsumexp.rank = 3;
          for (TensorView* v : {&o.query, &o.key, &o.value}) v->sizes[0] = 4, v->strides[0] = 0;
          o.output.sizes[0] = o.logsumexp.sizes[0] = 4;
        }}});
}

TEST(AttentionRules, GradientsHaveTheShapesOfTheirOperands) {
  expect_rejections<AttentionGrad>(
      examples::attention_grad(),
      {{"no gradient", [](AttentionGrad& o) { o.grad_query = o.grad_key = o.grad_value = {}; }},
       {"grad_query has sizes", [](AttentionGrad& o) { o.grad_query.sizes[3] = 3; }},
       {"grad_key is f16", [](AttentionGrad& o) { o.grad_key.dtype = DType::kF16; }},
       {"grad_value has sizes", [](AttentionGrad& o) { o.grad_value.sizes[3] = 3; }},
       {"grad_output has sizes", [](AttentionGrad& o) { o.grad_output.sizes[2] = 1; }},
       {"must be disjoint", [](AttentionGrad& o) { o.grad_query = o.query; }}});
  AttentionGrad only_key = examples::attention_grad();
  only_key.grad_query = only_key.grad_value = only_key.mask = {};
  EXPECT_NO_THROW(validate(only_key));
}

TEST(AttentionRules, SizesScaleAndCounters) {
  const int64_t query[] = {2, 3, 5, 16}, key[] = {2, 3, 7, 16}, value[] = {2, 3, 7, 4};
  Sizes sizes = attention_output_sizes(query, value);
  EXPECT_EQ(std::vector<int64_t>(sizes.begin(), sizes.end()), (std::vector<int64_t>{2, 3, 5, 4}));
  EXPECT_EQ(attention_scale(16), 0.25);
  EXPECT_EQ(attention_counters(query, key), 2 * 3 * 5 * 7);
  const int64_t long_query[] = {1, 1, INT64_MAX, 16};
  expect_error("more than 2^52", [&] { attention_counters(long_query, key); });
}

}  // namespace
}  // namespace lineshaft
