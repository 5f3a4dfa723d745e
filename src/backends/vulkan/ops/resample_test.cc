// Operations on the image and random kernels, on a Vulkan device against the CPU.
#include "lineshaft/ops/resample.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "lineshaft/device/registry.h"
#include "lineshaft/ops/fold.h"
#include "lineshaft/ops/resample_grad.h"
#include "lineshaft/ops/sample.h"
#include "lineshaft/ops/unfold.h"

namespace lineshaft {
namespace {

// The same tensors on both devices, of f32.
class Both : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    cpu_ = open_device("cpu:0", StreamOptions::from_environment());
    try {
      vulkan_ = open_device("vulkan:0", StreamOptions::from_environment());
    } catch (const Error&) {
    }
  }
  static void TearDownTestSuite() { cpu_.reset(), vulkan_.reset(); }
  void SetUp() override {
    if (!vulkan_) GTEST_SKIP() << "this machine has no Vulkan device";
  }

  TensorView tensor(std::vector<int64_t> sizes, double low = -1, double high = 1) {
    TensorView view = contiguous_view({}, DType::kF32, sizes);
    std::vector<float> values(view.numel());
    for (float& x : values) x = static_cast<float>(low + (high - low) * (random_() / 4294967296.0));
    for (auto* device : {cpu_.get(), vulkan_.get()}) {
      view.buffer = device->stream().create(view.numel() * 4 + 4);
      if (view.numel()) device->stream().write(view.buffer, 0, values.data(), view.numel() * 4);
    }
    return view;
  }
  template <class Op>
  void expect_same(const Op& op, const TensorView& output, double tolerance) {
    std::vector<float> expected(output.numel()), got(output.numel());
    cpu_->stream().record(op);
    cpu_->stream().read(output.buffer, 0, expected.data(), output.numel() * 4);
    vulkan_->stream().record(op);
    vulkan_->stream().read(output.buffer, 0, got.data(), output.numel() * 4);
    for (size_t i = 0; i < got.size(); ++i)
      ASSERT_NEAR(got[i], expected[i], tolerance * (1 + std::abs(expected[i]))) << "element " << i;
  }

  static inline std::unique_ptr<OpenDevice> cpu_, vulkan_;
  std::mt19937 random_{3};
};
using VulkanResample = Both;

const std::pair<std::vector<int64_t>, std::vector<int64_t>> kGrids[] = {{{2, 3, 7}, {2, 3, 12}},
                                                                        {{2, 2, 5, 9}, {2, 2, 8, 4}},
                                                                        {{1, 1, 1, 3}, {1, 1, 4, 1}},
                                                                        {{1, 2, 3, 4, 5}, {1, 2, 5, 3, 9}}};

TEST_F(VulkanResample, GridsAgreeWithTheCpu) {
  for (const auto& [from, to] : kGrids)
    for (ResampleKind kind :
         {ResampleKind::kNearest, ResampleKind::kNearestExact, ResampleKind::kLinear, ResampleKind::kCubic})
      for (bool align : {false, true})
        for (bool antialias : {false, true}) {
          if (antialias && (from.size() != 4 || kind < ResampleKind::kLinear)) continue;
          ResampleGeometry geometry{.kind = kind, .align_corners = align, .antialias = antialias};
          for (size_t i = 2; i < from.size(); ++i) geometry.scale[i - 2] = static_cast<double>(from[i]) / to[i];
          TensorView image = tensor(from), result = tensor(to), given = tensor(to), gradient = tensor(from);
          expect_same(Resample{image, {}, result, geometry}, result, 1e-5);
          expect_same(ResampleGrad{given, {}, {}, gradient, {}, geometry}, gradient, 1e-5);
        }
}

TEST_F(VulkanResample, PointsAgreeWithTheCpu) {
  for (int axes : {2, 3})
    for (ResampleKind kind : {ResampleKind::kNearest, ResampleKind::kLinear, ResampleKind::kCubic})
      for (ResamplePadding padding : {ResamplePadding::kZeros, ResamplePadding::kBorder, ResamplePadding::kReflection})
        for (bool align : {false, true}) {
          ResampleGeometry geometry{.kind = kind, .align_corners = align, .padding = padding};
          std::vector<int64_t> sizes = {2, 3, 4, 5}, points = {2, 3, 7, 2}, out = {2, 3, 3, 7};
          if (axes == 3) sizes = {2, 2, 3, 4, 5}, points = {2, 2, 3, 3, 3}, out = {2, 2, 2, 3, 3};
          TensorView image = tensor(sizes), grid = tensor(points, -1.4, 1.4), result = tensor(out), given = tensor(out);
          TensorView grad_image = tensor(sizes), grad_grid = tensor(points);
          expect_same(Resample{image, grid, result, geometry}, result, 1e-4);
          ResampleGrad grad{given, image, grid, grad_image, grad_grid, geometry};
          expect_same(grad, grad_image, 1e-4);
          expect_same(grad, grad_grid, 1e-3);
        }
}

TEST_F(VulkanResample, WindowsAgreeWithTheCpu) {
  ConvGeometry geometry{
      .stride = {2, 1, 1}, .dilation = {1, 2, 1}, .padding_begin = {1, 2, 0}, .padding_end = {0, 1, 0}};
  int64_t windows[2];
  for (int i = 0; i < 2; ++i) windows[i] = conv_output_size(i == 0 ? 7 : 6, i + 2, geometry, i);
  TensorView image = tensor({2, 3, 7, 6}), columns = tensor({2, 3 * 2 * 3, windows[0] * windows[1]});
  expect_same(Fold{columns, image, {2, 3, 1}, geometry}, image, 1e-6);
  expect_same(Unfold{image, columns, {2, 3, 1}, geometry}, columns, 0);
}

// Nearly all elements: where rounding decides whether a draw is accepted, the devices may part.
TEST_F(VulkanResample, DrawsAreTheCpusOwn) {
  for (SampleKind kind : {SampleKind::kGamma, SampleKind::kPoisson, SampleKind::kBinomial}) {
    TensorView parameter = tensor({3000}, 0.1, 40), probability = tensor({3000}, 0.05, 0.95), output = tensor({3000});
    Sample op{.kind = kind,
              .seed = 0x123456789abcdef,
              .offset = int64_t{1} << 33,
              .parameter = parameter,
              .probability = kind == SampleKind::kBinomial ? probability : TensorView{},
              .output = output};
    std::vector<float> drawn[2];
    for (auto* device : {cpu_.get(), vulkan_.get()}) {
      std::vector<float>& to = drawn[device == vulkan_.get()];
      to.resize(3000);
      device->stream().record(op);
      device->stream().read(output.buffer, 0, to.data(), 12000);
    }
    int apart = 0;
    for (size_t i = 0; i < 3000; ++i) apart += std::abs(drawn[0][i] - drawn[1][i]) > 1e-4 * (1 + drawn[0][i]);
    EXPECT_LE(apart, 3);
  }
}

}  // namespace
}  // namespace lineshaft
