#include <gtest/gtest.h>

#include "support/examples.h"

namespace lineshaft {
namespace {

using examples::expect_rejections;
using examples::resize;
using examples::view;

TEST(PoolRules, WindowsStartInsideTheInput) {
  expect_rejections<Pool>(examples::pool(),
                          {{"of rank 2", [](Pool& o) { o.input.rank = 2; }},
                           {"kernel is 0", [](Pool& o) { o.geometry.kernel[0] = 0; }},
                           {"stride is 0", [](Pool& o) { o.geometry.stride[0] = 0; }},
                           {"padding is -1", [](Pool& o) { o.geometry.padding[0] = -1; }},
                           {"dilation is 0", [](Pool& o) { o.geometry.dilation[0] = 0; }},
                           {"not used", [](Pool& o) { o.geometry.kernel[2] = 2; }},
                           {"more than half", [](Pool& o) { o.geometry.padding[0] = 2; }},
                           {"starts past the input",
                            [](Pool& o) {
                              resize(o.output, 2, 5);
                              resize(o.indices, 2, 5);
                            }},
                           {"divisor is -1", [](Pool& o) { o.geometry.divisor = -1; }},
                           {"size 2 on axis 0, the output 1", [](Pool& o) { o.output.sizes[0] = 1; }},
                           {"the output side is f16", [](Pool& o) { o.output.dtype = DType::kF16; }},
                           {"indices has sizes", [](Pool& o) { o.indices.sizes[3] = 1; }},
                           {"indices is i32", [](Pool& o) { o.indices.dtype = DType::kI32; }},
                           {"averages do not", [](Pool& o) { o.geometry.kind = PoolKind::kAverage; }},
                           {"an average takes 1",
                            [](Pool& o) {
                              o.geometry.kind = PoolKind::kAverage;
                              o.indices = {};
                              o.geometry.dilation[0] = 2;
                            }},
                           {"no bool", [](Pool& o) { o.input.dtype = o.output.dtype = DType::kBool; }},
                           {"spatial sizes 1 to", [](Pool& o) { o.input.sizes[2] = 0; }},
                           {"is unknown", [](Pool& o) { o.geometry.kind = static_cast<PoolKind>(4); }}});
}

TEST(PoolRules, TheGradientOfAMaximumTakesIndices) {
  expect_rejections<PoolGrad>(examples::pool_grad(),
                              {{"indices are missing", [](PoolGrad& o) { o.indices = {}; }},
                               {"size 1 on axis 1", [](PoolGrad& o) { o.output.sizes[1] = 1; }},
                               {"must be disjoint", [](PoolGrad& o) { o.output.buffer = o.grad_output.buffer; }}});
}

TEST(PoolRules, AdaptiveWindowsCoverTheInput) {
  PoolGeometry geometry{.kind = PoolKind::kAdaptiveAverage};
  int64_t end = 0;
  for (int64_t x = 0; x < 3; ++x) {
    PoolWindow window = pool_window(geometry, 0, x, 7, 3);
    EXPECT_LE(window.begin, end);
    end = window.end;
  }
  EXPECT_EQ(end, 7);
  PoolWindow dilated =
      pool_window({.kernel = {3, 1, 1}, .stride = {2, 1, 1}, .padding = {1, 0, 0}, .dilation = {2, 1, 1}}, 0, 1, 9, 4);
  EXPECT_EQ(dilated.begin, 1);
  EXPECT_EQ(dilated.end, 6);
  EXPECT_EQ(dilated.step, 2);
}

// What counting gives, where a window fits into the padded input.
int64_t counted_windows(int64_t size, const PoolGeometry& geometry, bool ceil) {
  int64_t extent = geometry.dilation[0] * (geometry.kernel[0] - 1) + 1, end = size + geometry.padding[0], count = 0;
  auto begin = [&](int64_t x) { return x * geometry.stride[0] - geometry.padding[0]; };
  while (begin(count) + extent <= end) ++count;
  bool reaches = begin(count - 1) + extent == end;
  return count + (ceil && !reaches && begin(count) < size ? 1 : 0);
}

TEST(PoolRules, OutputSizesAreNumbersOfWindows) {
  for (int32_t kernel : {1, 2, 3, 5})
    for (int32_t stride : {1, 2, 3, 7})
      for (int32_t dilation : {1, 2})
        for (int64_t size : {1, 2, 5, 6, 11}) {
          int32_t extent = dilation * (kernel - 1) + 1;
          for (int32_t padding = 0; 2 * padding <= extent; ++padding) {
            if (size + 2 * padding < extent) continue;
            PoolGeometry geometry{.kernel = {kernel, 1, 1},
                                  .stride = {stride, 1, 1},
                                  .padding = {padding, 0, 0},
                                  .dilation = {dilation, 1, 1}};
            for (bool ceil : {false, true})
              EXPECT_EQ(pool_output_size(size, geometry, 0, ceil ? PoolRounding::kCeil : PoolRounding::kFloor),
                        counted_windows(size, geometry, ceil))
                  << size << " by windows of " << kernel << ", stride " << stride << ", dilation " << dilation
                  << ", padding " << padding << ", ceil " << ceil;
          }
        }
}

TEST(PoolRules, OutputSizesKeepTheOtherAxesAndNeverOverflow) {
  const int64_t input[] = {2, 3, 7, 8, 9};
  PoolGeometry geometry{.kernel = {3, 2, 2}, .stride = {2, 3, 4}};
  Sizes sizes = pool_output_sizes(input, 3, geometry, PoolRounding::kFloor);
  EXPECT_EQ(std::vector<int64_t>(sizes.begin(), sizes.end()), (std::vector<int64_t>{2, 3, 3, 3, 2}));
  sizes = pool_output_sizes(std::span(input).subspan(1), 3, geometry, PoolRounding::kCeil);
  EXPECT_EQ(std::vector<int64_t>(sizes.begin(), sizes.end()), (std::vector<int64_t>{3, 3, 3, 3}));
  PoolGeometry padded{.kernel = {3, 1, 1}, .padding = {1, 0, 0}};
  for (PoolRounding rounding : {PoolRounding::kFloor, PoolRounding::kCeil}) {
    EXPECT_EQ(pool_output_size(INT64_MAX, padded, 0, rounding), INT64_MAX);
    EXPECT_LT(pool_output_size(8, {.kernel = {INT32_MAX, 1, 1}, .dilation = {INT32_MAX, 1, 1}}, 0, rounding), 1);
    EXPECT_LT(pool_output_size(0, {.kernel = {3, 1, 1}, .padding = {0, 0, 0}}, 0, rounding), 1);
  }
}

}  // namespace
}  // namespace lineshaft
