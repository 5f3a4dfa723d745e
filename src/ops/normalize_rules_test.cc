#include <gtest/gtest.h>

#include "support/examples.h"

namespace lineshaft {
namespace {

using examples::expect_rejections;
using examples::view;

TEST(NormalizeRules, StatisticsFollowTheAxes) {
  expect_rejections<Normalize>(examples::normalize(),
                               {{"axes are the bits 0", [](Normalize& o) { o.axes = 0; }},
                                {"axes are the bits 4", [](Normalize& o) { o.axes = 4; }},
                                {"rstd has sizes [4, 1]; it takes [1, 5]", [](Normalize& o) { o.axes = 1; }},
                                {"rstd is missing", [](Normalize& o) { o.rstd = {}; }},
                                {"mean is missing", [](Normalize& o) { o.mean = {}; }},
                                {"mean is given", [](Normalize& o) { o.kind = NormalizeKind::kRms; }},
                                {"mean is f16; it takes f32", [](Normalize& o) { o.mean.dtype = DType::kF16; }},
                                {"input is i32", [](Normalize& o) { o.input.dtype = DType::kI32; }},
                                {"weight has sizes [5]", [](Normalize& o) { o.weight = view(2, DType::kF32, {5}); }},
                                {"output has sizes", [](Normalize& o) { o.output.sizes[0] = 3; }},
                                {"output is i64", [](Normalize& o) { o.output.dtype = DType::kI64; }},
                                {"takes 2 inputs", [](Normalize& o) { o.epilogue.program = examples::multiply_add(); }},
                                {"is unknown", [](Normalize& o) { o.kind = static_cast<NormalizeKind>(2); }},
                                {"must be disjoint", [](Normalize& o) { o.output.buffer = o.mean.buffer; }}});
}

TEST(NormalizeRules, GradientsAreSummedWhereTheyHaveSizeOne) {
  expect_rejections<NormalizeGrad>(
      examples::normalize_grad(),
      {{"no gradient", [](NormalizeGrad& o) { o.grad_input = o.grad_weight = o.grad_bias = {}; }},
       {"grad_weight has size 3 on axis 0", [](NormalizeGrad& o) { o.grad_weight.sizes[0] = 3; }},
       {"grad_bias has rank 1", [](NormalizeGrad& o) { o.grad_bias.rank = 1; }},
       {"grad_input has sizes", [](NormalizeGrad& o) { o.grad_input.sizes[1] = 4; }},
       {"grad_output has sizes", [](NormalizeGrad& o) { o.grad_output.sizes[1] = 4; }},
       {"weight has sizes", [](NormalizeGrad& o) { o.weight.sizes[1] = 4; }},
       {"rstd is missing", [](NormalizeGrad& o) { o.rstd = {}; }},
       {"must be disjoint", [](NormalizeGrad& o) { o.grad_input = o.grad_output; }}});
}

TEST(SoftmaxRules, AxisDtypeAndShape) {
  expect_rejections<Softmax>(examples::softmax(),
                             {{"axis 2", [](Softmax& o) { o.axis = 2; }},
                              {"input is i64", [](Softmax& o) { o.input.dtype = DType::kI64; }},
                              {"output is bool", [](Softmax& o) { o.output.dtype = DType::kBool; }},
                              {"output has sizes", [](Softmax& o) { o.output.sizes[0] = 2; }},
                              {"output is missing", [](Softmax& o) { o.output = {}; }}});
  expect_rejections<SoftmaxGrad>(examples::softmax_grad(),
                                 {{"axis -1", [](SoftmaxGrad& o) { o.axis = -1; }},
                                  {"grad_output has sizes", [](SoftmaxGrad& o) { o.grad_output.sizes[0] = 2; }},
                                  {"grad_input has sizes", [](SoftmaxGrad& o) { o.grad_input.sizes[1] = 2; }},
                                  {"grad_output is i8", [](SoftmaxGrad& o) { o.grad_output.dtype = DType::kI8; }}});
}

}  // namespace
}  // namespace lineshaft
