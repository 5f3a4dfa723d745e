#include "lineshaft/frontend/convolution.h"

#include <gtest/gtest.h>

#include "frontend/tensor.h"
#include "lineshaft/frontend/devices.h"

namespace lineshaft::frontend {
namespace {

using test::Tensor;
using Floats = std::vector<float>;

TensorView view(const Tensor& tensor) {
  return view_of(tensor.ref());
}

// One input channel, two output channels, kernels of two elements.
const Floats kWeight{1, 10, 2, 3};
Tensor weight() {
  return {DType::kF32, {2, 1, 2}, kWeight};
}

TEST(FrontendConvolution, ABiasIsAddedToEachChannel) {
  Tensor input(DType::kF32, {1, 1, 3}, Floats{1, 2, 3}), out(DType::kF32, {1, 2, 2});
  Tensor bias(DType::kF32, {2}, Floats{100, 200});
  record_convolution(stream(0), view(input), view(weight()), view(out), {}, false);
  EXPECT_EQ(out.values<float>(), (Floats{21, 32, 8, 13}));
  record_convolution(stream(0), view(input), view(weight()), view(out), {}, false, view(bias));
  EXPECT_EQ(out.values<float>(), (Floats{121, 132, 208, 213}));
}

TEST(FrontendConvolution, ATransposedOneSpreadsItsInput) {
  Tensor input(DType::kF32, {1, 2, 2}, Floats{1, 2, 3, 4}), out(DType::kF32, {1, 1, 3});
  Tensor bias(DType::kF32, {1}, Floats{100});
  record_convolution(stream(0), view(input), view(weight()), view(out), {}, true, view(bias));
  // 1 (1, 10), 2 (1, 10), 3 (2, 3) and 4 (2, 3), each pair a place after the one before in its channel.
  EXPECT_EQ(out.values<float>(), (Floats{100 + 1 + 6, 100 + 10 + 2 + 9 + 8, 100 + 20 + 12}));
}

TEST(FrontendConvolution, GradientsByTheInput) {
  Tensor grad(DType::kF32, {1, 2, 2}, Floats{1, 2, 3, 4}), grad_input(DType::kF32, {1, 1, 3});
  record_convolution_grad_input(stream(0), view(grad), view(weight()), view(grad_input), {}, false);
  EXPECT_EQ(grad_input.values<float>(), (Floats{7, 29, 32}));
  Tensor wide(DType::kF32, {1, 1, 3}, Floats{1, 2, 3}), narrow(DType::kF32, {1, 2, 2});
  record_convolution_grad_input(stream(0), view(wide), view(weight()), view(narrow), {}, true);
  EXPECT_EQ(narrow.values<float>(), (Floats{21, 32, 8, 13}));
}

TEST(FrontendConvolution, GradientsByTheWeight) {
  Tensor large(DType::kF32, {1, 1, 3}, Floats{1, 2, 3}), small(DType::kF32, {1, 2, 2}, Floats{1, 2, 3, 4});
  for (bool transposed : {false, true}) {
    Tensor grad_weight(DType::kF32, {2, 1, 2});
    record_convolution_grad_weight(stream(0), view(transposed ? small : large), view(transposed ? large : small),
                                   view(grad_weight), {}, transposed);
    EXPECT_EQ(grad_weight.values<float>(), (Floats{5, 8, 11, 18})) << transposed;
  }
}

TEST(FrontendConvolution, SumsOfChannels) {
  Tensor grad(DType::kF32, {2, 2, 2}, Floats{1, 2, 3, 4, 5, 6, 7, 8}), sum(DType::kF32, {2});
  record_channel_sum(stream(0), view(grad), view(sum));
  EXPECT_EQ(sum.values<float>(), (Floats{14, 22}));
  record_channel_sum(stream(0), view(grad), view(sum), 2);
  EXPECT_EQ(sum.values<float>(), (Floats{16, 20}));
}

}  // namespace
}  // namespace lineshaft::frontend
