// Attention and its gradients against plain loops in double.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "lineshaft/device/registry.h"

namespace lineshaft::vulkan {
namespace {

constexpr int64_t kHeads = 6, kQueries = 9, kKeys = 13, kDepth = 8, kValues = 5;  // heads: batches times heads
constexpr double kScale = 0.35;

struct Tensor {
  TensorView view;
  std::vector<float> host;
};

class VulkanAttention : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    for (const auto& device : enumerate_devices().devices)
      if (device.id() == "vulkan:0") device_ = open_device("vulkan:0", {.validate = true});
    if (!device_) GTEST_SKIP() << "there is no Vulkan device";
  }
  Tensor make(int64_t rows, int64_t columns) {
    Tensor t;
    std::normal_distribution<float> draw;
    for (int64_t i = 0; i < kHeads * rows * columns; ++i) t.host.push_back(draw(random_));
    int64_t bytes = static_cast<int64_t>(t.host.size()) * 4;
    t.view = contiguous_view(device_->stream().create(bytes), DType::kF32, {2, 3, rows, columns});
    device_->stream().write(t.view.buffer, 0, t.host.data(), bytes);
    return t;
  }
  void expect(const Tensor& t, const std::vector<double>& expected) {
    std::vector<float> actual(t.host.size());
    device_->stream().read(t.view.buffer, 0, actual.data(), static_cast<int64_t>(actual.size()) * 4);
    int wrong = 0;
    for (size_t i = 0; i < actual.size() && wrong < 3; ++i)
      if (!(actual[i] == expected[i] || std::abs(actual[i] - expected[i]) <= 1e-5 * (1 + std::abs(expected[i]))))
        ++wrong, ADD_FAILURE() << "element " << i << " is " << actual[i] << ", expected " << expected[i];
  }
  std::unique_ptr<OpenDevice> device_;
  std::mt19937 random_{3};
};

TEST_P(VulkanAttention, MatchesPlainLoops) {
  bool causal = GetParam();
  Tensor q = make(kQueries, kDepth), k = make(kKeys, kDepth), v = make(kKeys, kValues), o = make(kQueries, kValues);
  Tensor sums = make(kQueries, 1), mask = make(kQueries, kKeys), go = make(kQueries, kValues);
  Tensor gq = make(kQueries, kDepth), gk = make(kKeys, kDepth), gv = make(kKeys, kValues);
  // The first row of each head has no key.
  float lowest = -std::numeric_limits<float>::infinity();
  for (int64_t h = 0; h < kHeads; ++h)
    for (int64_t j = 0; j < kKeys; ++j) mask.host[static_cast<size_t>(h * kQueries * kKeys + j)] = lowest;
  device_->stream().write(mask.view.buffer, 0, mask.host.data(), static_cast<int64_t>(mask.host.size()) * 4);
  TensorView lse = contiguous_view(sums.view.buffer, DType::kF32, {2, 3, kQueries});
  AttentionParams params{.scale = kScale, .causal = causal};
  device_->stream().record(Attention{q.view, k.view, v.view, mask.view, o.view, lse, params});
  device_->stream().record(
      AttentionGrad{go.view, q.view, k.view, v.view, mask.view, o.view, lse, gq.view, gk.view, gv.view, params});

  std::vector<double> out(o.host.size()), log_sums(sums.host.size()), dq(q.host.size()), dk(k.host.size()),
      dv(v.host.size());
  for (int64_t h = 0; h < kHeads; ++h) {
    for (int64_t i = 0; i < kQueries; ++i) {
      double sum = 0, top = lowest;
      std::vector<double> p(kKeys), dp(kKeys);
      auto at = [](int64_t row, int64_t width, int64_t c) { return static_cast<size_t>(row * width + c); };
      for (int64_t j = 0; j < kKeys; ++j) {
        for (int64_t d = 0; d < kDepth; ++d)
          p[j] += kScale * q.host[at(h * kQueries + i, kDepth, d)] * k.host[at(h * kKeys + j, kDepth, d)];
        p[j] += mask.host[at(h * kQueries + i, kKeys, j)];
        if (causal && j > i + kKeys - kQueries) p[j] = lowest;
        top = std::max(top, p[j]);
      }
      for (double& x : p) sum += x = top == lowest ? 0 : std::exp(x - top);
      log_sums[static_cast<size_t>(h * kQueries + i)] = top + std::log(sum);
      double dot = 0;
      for (int64_t j = 0; j < kKeys; ++j) {
        if (sum > 0) p[j] /= sum;
        for (int64_t d = 0; d < kValues; ++d) {
          double g = go.host[at(h * kQueries + i, kValues, d)];
          out[at(h * kQueries + i, kValues, d)] += p[j] * v.host[at(h * kKeys + j, kValues, d)];
          dv[at(h * kKeys + j, kValues, d)] += p[j] * g;
          dp[j] += g * v.host[at(h * kKeys + j, kValues, d)];
        }
        dot += p[j] * dp[j];
      }
      for (int64_t j = 0; j < kKeys; ++j)
        for (int64_t d = 0; d < kDepth; ++d) {
          double ds = kScale * p[j] * (dp[j] - dot);
          dq[at(h * kQueries + i, kDepth, d)] += ds * k.host[at(h * kKeys + j, kDepth, d)];
          dk[at(h * kKeys + j, kDepth, d)] += ds * q.host[at(h * kQueries + i, kDepth, d)];
        }
    }
  }
  expect(o, out);
  expect(sums, log_sums);
  expect(gq, dq);
  expect(gk, dk);
  expect(gv, dv);
}

INSTANTIATE_TEST_SUITE_P(Masks, VulkanAttention, testing::Bool());

}  // namespace
}  // namespace lineshaft::vulkan
