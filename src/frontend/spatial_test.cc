#include "lineshaft/frontend/spatial.h"

#include <gtest/gtest.h>

#include <vector>

namespace lineshaft::frontend {
namespace {

// Each element of the view lies where the window has it.
TEST(SlidingWindows, AreTheImagesElements) {
  TensorView images = contiguous_view(BufferId::make(1, 1), DType::kI32, {2, 3, 7, 5});
  const int64_t kernel[] = {2, 3};
  ConvGeometry geometry{.stride = {2, 1, 1}, .dilation = {3, 2, 1}, .padding_begin = {9, 9, 0}};
  TensorView windows = sliding_windows(images, kernel, geometry);
  ASSERT_EQ(windows.rank, 5);
  EXPECT_EQ(std::vector<int64_t>(windows.sizes.begin(), windows.sizes.begin() + 5),
            (std::vector<int64_t>{6, 2, 3, 2, 1}));
  for (int64_t plane = 0; plane < 6; ++plane)
    for (int64_t i = 0; i < 2; ++i)
      for (int64_t j = 0; j < 3; ++j)
        for (int64_t y = 0; y < 2; ++y) {
          int64_t place =
              plane * windows.strides[0] + i * windows.strides[1] + j * windows.strides[2] + y * windows.strides[3];
          EXPECT_EQ(place, plane * 35 + (y * 2 + i * 3) * 5 + j * 2);
        }
}

TEST(SlidingWindows, OfOneChannelWithAnyStride) {
  TensorView images = contiguous_view(BufferId::make(1, 1), DType::kI64, {4, 1, 6});
  images.strides[1] = 1;  // means nothing
  const int64_t kernel[] = {1};
  EXPECT_EQ(sliding_windows(images, kernel, {}).strides[0], 6);
}

// A transposed convolution, and the convolution of stride 1 over the spread input, by counting.
TEST(SpreadAxis, GivesWhatATransposedConvolutionGives) {
  const std::vector<int64_t> input{3, -1, 4}, kernel{2, 7, 5};
  for (int32_t stride : {1, 2, 3})
    for (int32_t dilation : {1, 2})
      for (int32_t padding : {0, 1, 5}) {
        ConvGeometry geometry{.stride = {stride, 1, 1}, .dilation = {dilation, 1, 1}, .padding_begin = {padding, 0, 0}};
        int64_t output = 2 * stride + dilation * 2 + 1 - padding + 1;
        if (output < 1) continue;
        std::vector<int64_t> wanted(static_cast<size_t>(output));
        for (int64_t x = 0; x < 3; ++x)
          for (int64_t t = 0; t < 3; ++t) {
            int64_t y = x * stride + t * dilation - padding;
            if (y >= 0 && y < output) wanted[y] += input[x] * kernel[t];
          }
        SpreadAxis axis = spread_axis(3, 3, output, geometry, 0);
        EXPECT_EQ(axis.before + axis.size + axis.after - dilation * 2, output);
        for (int64_t y = 0; y < output; ++y) {
          int64_t sum = 0;
          for (int64_t t = 0; t < 3; ++t) {
            int64_t place = y + t * dilation - axis.before;
            bool inside = place >= 0 && place < axis.size && place % stride == 0;
            if (inside) sum += input[place / stride] * kernel[2 - t];
          }
          EXPECT_EQ(sum, wanted[y]) << "at " << y << ", stride " << stride << ", padding " << padding;
        }
      }
}

}  // namespace
}  // namespace lineshaft::frontend
