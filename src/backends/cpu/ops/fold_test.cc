#include "lineshaft/ops/fold.h"

#include <gtest/gtest.h>

#include "backends/cpu/test_context.h"

namespace lineshaft::cpu {
namespace {

struct Case {
  int64_t n, c, h, w;
  Spatial kernel;
  ConvGeometry geometry;
  int64_t windows(int i) const {
    int64_t size = i == 0 ? h : w;
    return (size + geometry.padding_begin[i] + geometry.padding_end[i] - geometry.dilation[i] * (kernel[i] - 1) - 1) /
               geometry.stride[i] +
           1;
  }
  // f(row of columns, column, position in the plane or -1) for every window and tap.
  template <class F>
  void for_each(F&& f) const {
    for (int64_t row = 0; row < c * kernel[0] * kernel[1]; ++row)
      for (int64_t y = 0; y < windows(0); ++y)
        for (int64_t x = 0; x < windows(1); ++x) {
          int64_t tap = row % (kernel[0] * kernel[1]);
          int64_t at_y = y * geometry.stride[0] - geometry.padding_begin[0] + tap / kernel[1] * geometry.dilation[0];
          int64_t at_x = x * geometry.stride[1] - geometry.padding_begin[1] + tap % kernel[1] * geometry.dilation[1];
          bool inside = at_y >= 0 && at_y < h && at_x >= 0 && at_x < w;
          f(row, y * windows(1) + x, inside ? row / (kernel[0] * kernel[1]) * h * w + at_y * w + at_x : -1);
        }
  }
};

const Case kCases[] = {
    {2, 3, 5, 6, {2, 3, 1}, {}},
    {1, 2, 7, 5, {3, 3, 1}, {.stride = {2, 1, 1}, .padding_begin = {1, 1, 0}, .padding_end = {1, 1, 0}}},
    {2,
     1,
     6,
     6,
     {2, 2, 1},
     {.stride = {3, 2, 1}, .dilation = {2, 3, 1}, .padding_begin = {0, 2, 0}, .padding_end = {3, 1, 0}}},
    {1, 1, 1, 1, {5, 5, 1}, {.stride = {4, 4, 1}, .padding_begin = {4, 4, 0}, .padding_end = {4, 4, 0}}},
    {1, 4, 40, 40, {3, 3, 1}, {.padding_begin = {1, 1, 0}, .padding_end = {1, 1, 0}}},
};

std::vector<int> pattern(int64_t count) {
  std::vector<int> values(count);
  for (int64_t i = 0; i < count; ++i) values[i] = static_cast<int>(i * 7 % 13 - 5);
  return values;
}

TEST(Unfold, TakesEachTapOfEachWindowInEveryDtype) {
  for (int dtype = 0; dtype < kDTypeCount; ++dtype)
    for (const Case& t : kCases) {
      TestContext context;
      TensorView image =
          context.tensor(static_cast<DType>(dtype), {t.n, t.c, t.h, t.w}, pattern(t.n * t.c * t.h * t.w));
      int64_t rows = t.c * t.kernel[0] * t.kernel[1], length = t.windows(0) * t.windows(1);
      TensorView columns = context.empty(image.dtype, {t.n, rows, length});
      run(context, Unfold{image, columns, t.kernel, t.geometry});
      std::vector<double> source = context.values<double>(image), expected(t.n * rows * length);
      for (int64_t n = 0; n < t.n; ++n)
        t.for_each([&](int64_t row, int64_t column, int64_t position) {
          expected[(n * rows + row) * length + column] = position < 0 ? 0 : source[n * t.c * t.h * t.w + position];
        });
      EXPECT_EQ(context.values<double>(columns), expected) << name_of(image.dtype);
    }
}

TEST(Unfold, ReadsChannelsLast) {
  TestContext context;
  TensorView image = context.tensor(DType::kF32, {1, 2, 2, 2}, std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7});
  image.strides = {8, 1, 4, 2};
  TensorView columns = context.empty(DType::kF32, {1, 4, 2});
  run(context, Unfold{image, columns, {2, 1, 1}, {}});
  EXPECT_EQ(context.values<int>(columns), (std::vector<int>{0, 2, 4, 6, 1, 3, 5, 7}));
}

TEST(Fold, SumsEachTapOfEachWindowInEveryDtype) {
  for (int dtype = 0; dtype < kDTypeCount; ++dtype)
    for (const Case& t : kCases) {
      TestContext context;
      int64_t rows = t.c * t.kernel[0] * t.kernel[1], length = t.windows(0) * t.windows(1), plane = t.c * t.h * t.w;
      TensorView columns = context.tensor(static_cast<DType>(dtype), {t.n, rows, length}, pattern(t.n * rows * length));
      TensorView image = context.empty(columns.dtype, {t.n, t.c, t.h, t.w});
      run(context, Fold{columns, image, t.kernel, t.geometry});
      std::vector<double> source = context.values<double>(columns), expected(t.n * plane);
      for (int64_t n = 0; n < t.n; ++n)
        t.for_each([&](int64_t row, int64_t column, int64_t position) {
          if (position >= 0) expected[n * plane + position] += source[(n * rows + row) * length + column];
        });
      for (double& x : expected) {
        if (columns.dtype == DType::kBool) x = x != 0;
        if (columns.dtype == DType::kU8) x = static_cast<uint8_t>(static_cast<int>(x));
      }
      EXPECT_EQ(context.values<double>(image), expected) << name_of(columns.dtype);
    }
}

TEST(Fold, TakesZeroImages) {
  TestContext context;
  TensorView columns = context.empty(DType::kF32, {0, 4, 1}), image = context.empty(DType::kF32, {0, 1, 2, 2});
  run(context, Fold{columns, image, {2, 2, 1}, {}});
  run(context, Unfold{image, columns, {2, 2, 1}, {}});
}

}  // namespace
}  // namespace lineshaft::cpu
