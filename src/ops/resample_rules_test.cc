#include <gtest/gtest.h>

#include <cmath>

#include "support/examples.h"

namespace lineshaft {
namespace {

using examples::expect_rejections;
using examples::resize;
using examples::view;

TEST(ResampleRules, RegularGrids) {
  expect_rejections<Resample>(
      examples::resample(),
      {{"of rank 2", [](Resample& o) { o.input.rank = 2; }},
       {"output has rank 3", [](Resample& o) { o.output.rank = 3; }},
       {"batch and channels", [](Resample& o) { resize(o.output, 1, 4); }},
       {"spatial sizes 1 to", [](Resample& o) { o.input.sizes[2] = 0; }},
       {"output is f16", [](Resample& o) { o.output.dtype = DType::kF16; }},
       {"takes floats", [](Resample& o) { o.input.dtype = o.output.dtype = DType::kU8; }},
       {"scale is nan", [](Resample& o) { o.geometry.scale[0] = NAN; }},
       {"scale is -1", [](Resample& o) { o.geometry.scale[1] = -1; }},
       {"passes 2^31", [](Resample& o) { o.geometry.scale[1] = 1e300; }},
       {"antialias takes",
        [](Resample& o) {
          o.geometry.antialias = true;
          o.geometry.kind = ResampleKind::kNearest;
        }},
       {"resample 4 is unknown", [](Resample& o) { o.geometry.kind = static_cast<ResampleKind>(4); }},
       {"padding 3 is unknown", [](Resample& o) { o.geometry.padding = static_cast<ResamplePadding>(3); }}});
  Resample bytes = examples::resample();
  bytes.geometry.kind = ResampleKind::kNearest;
  bytes.input.dtype = bytes.output.dtype = DType::kU8;
  EXPECT_NO_THROW(validate(bytes));
}

TEST(ResampleRules, Points) {
  Resample op = examples::resample();
  op.grid = view(3, DType::kF32, {2, 8, 10, 2});
  expect_rejections<Resample>(op, {{"grid has 1 images", [](Resample& o) { o.grid.sizes[0] = 1; }},
                                   {"grid has size 7", [](Resample& o) { o.grid.sizes[1] = 7; }},
                                   {"points of 3 coordinates", [](Resample& o) { o.grid.sizes[3] = 3; }},
                                   {"grid is f64", [](Resample& o) { o.grid.dtype = DType::kF64; }},
                                   {"grid has rank 3", [](Resample& o) { o.grid.rank = 3; }},
                                   {"without antialias", [](Resample& o) { o.geometry.antialias = true; }}});
}

TEST(ResampleGradRules, InputIsTakenForTheGridsGradientOnly) {
  expect_rejections<ResampleGrad>(examples::resample_grad(),
                                  {{"no gradient", [](ResampleGrad& o) { o.grad_input = o.grad_grid = {}; }},
                                   {"input is missing", [](ResampleGrad& o) { o.input = {}; }},
                                   {"input is given", [](ResampleGrad& o) { o.grad_grid = {}; }},
                                   {"grid is missing",
                                    [](ResampleGrad& o) {
                                      o.grid = {};
                                      o.geometry.padding = ResamplePadding::kZeros;
                                    }},
                                   {"grad_grid has sizes", [](ResampleGrad& o) { o.grad_grid.sizes[1] = 5; }},
                                   {"grad_input has sizes", [](ResampleGrad& o) { resize(o.grad_input, 3, 6); }},
                                   {"grad_output is i32", [](ResampleGrad& o) { o.grad_output.dtype = DType::kI32; }}});
  ResampleGrad only_grid = examples::resample_grad();
  only_grid.grad_input = {};
  EXPECT_NO_THROW(validate(only_grid));
}

TEST(ResampleRules, ScalesAndOutputSizes) {
  EXPECT_EQ(resample_scale(4, 8, false), 0.5);
  EXPECT_EQ(resample_scale(4, 1, false), 4);
  EXPECT_EQ(resample_scale(5, 9, true), 0.5);
  EXPECT_EQ(resample_scale(5, 1, true), 0);
  const int64_t input[] = {2, 3, 5, 6}, grid[] = {2, 7, 1, 2};
  Sizes sizes = resample_output_sizes(input, grid);
  EXPECT_EQ(std::vector<int64_t>(sizes.begin(), sizes.end()), (std::vector<int64_t>{2, 3, 7, 1}));
}

}  // namespace
}  // namespace lineshaft
