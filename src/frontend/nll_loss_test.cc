#include "lineshaft/frontend/nll_loss.h"

#include "frontend/run_program.h"

namespace lineshaft::frontend {
namespace {

using test::Doubles;
using test::expect_close;
using test::kNan;
using test::Tensor;
using test::vector_of;
using Longs = std::vector<int64_t>;

constexpr int64_t kIgnored = -100;

TensorView nll_view(const Tensor& tensor) {
  return view_of(tensor.ref());
}

TEST(FrontendNllLoss, SamplesThatAreIgnoredReadClassZero) {
  Tensor target = vector_of<int64_t>({2, kIgnored, 1}), classes(DType::kI64, {3});
  record_nll_classes(stream(0), nll_view(target), kIgnored, nll_view(classes));
  EXPECT_EQ(classes.values<int64_t>(), (Longs{2, 0, 1}));
}

TEST(FrontendNllLoss, EachSampleHasItsClass) {
  Tensor classes = vector_of<int64_t>({2, 0}), scores(DType::kF64, {2, 3}, Doubles{1, 2, 3, 4, 5, 6});
  Tensor weights = vector_of<double>({0.5, 1, 2}), picked(DType::kF64, {2});
  record_nll_picked(stream(0), nll_view(scores), 1, nll_view(classes), nll_view(picked));
  EXPECT_EQ(picked.values<double>(), (Doubles{3, 4}));
  record_nll_picked(stream(0), nll_view(weights), 0, nll_view(classes), nll_view(picked));
  EXPECT_EQ(picked.values<double>(), (Doubles{2, 0.5}));
}

TEST(FrontendNllLoss, AnImageHasAClassAtEachPlace) {
  Tensor classes(DType::kI64, {1, 1, 2}, Longs{1, 0}), scores(DType::kF64, {1, 2, 1, 2}, Doubles{1, 2, 3, 4});
  Tensor picked(DType::kF64, {1, 1, 2});
  record_nll_picked(stream(0), nll_view(scores), 1, nll_view(classes), nll_view(picked));
  EXPECT_EQ(picked.values<double>(), (Doubles{3, 2}));
}

struct NllResult {
  Doubles loss, total;
};

NllResult nll_loss_of(const Tensor& target, const Tensor& scores, const TensorView& weights, bool mean) {
  Tensor loss(DType::kF64, {}), total(DType::kF64, {});
  NllSamples samples{nll_view(target), nll_view(scores), weights};
  record_nll_loss(stream(0), samples, kIgnored, mean, nll_view(loss), nll_view(total));
  return {loss.values<double>(), total.values<double>()};
}

TEST(FrontendNllLoss, LossesAreWeightedAndIgnored) {
  Tensor target = vector_of<int64_t>({2, kIgnored, 1}), scores = vector_of<double>({-1, -10, -3});
  Tensor weights = vector_of<double>({0.5, 7, 2});
  NllResult sum = nll_loss_of(target, scores, {}, false), mean = nll_loss_of(target, scores, {}, true);
  expect_close(sum.loss, {4});
  expect_close(sum.total, {2});
  expect_close(mean.loss, {2});
  NllResult weighted = nll_loss_of(target, scores, nll_view(weights), true);
  expect_close(weighted.loss, {6.5 / 2.5});
  expect_close(weighted.total, {2.5});
}

TEST(FrontendNllLoss, OneSampleWithoutAxesAndNone) {
  Tensor target(DType::kI64, {}, Longs{1}), score(DType::kF64, {}, Doubles{-3}), ignored(DType::kI64, {}, Longs{-100});
  expect_close(nll_loss_of(target, score, {}, true).loss, {3});
  expect_close(nll_loss_of(ignored, score, {}, true).loss, {kNan});
  expect_close(nll_loss_of(ignored, score, {}, false).loss, {0});
}

TEST(FrontendNllLoss, HalvesAreSummedInSingle) {
  // The sum of 2049 weights of 1 is 2048 in f16.
  constexpr int64_t kCount = 2049;
  Tensor target(DType::kI64, {kCount}, Longs(kCount, 1));
  Tensor scores(DType::kF16, {kCount}, std::vector<uint16_t>(kCount, 0xbc00));  // -1
  Tensor loss(DType::kF16, {}), total(DType::kF32, {}), rounded(DType::kF16, {});
  NllSamples samples{nll_view(target), nll_view(scores), {}};
  record_nll_loss(stream(0), samples, kIgnored, true, nll_view(loss), nll_view(total), nll_view(rounded));
  EXPECT_EQ(total.values<float>(), std::vector<float>{2049});
  EXPECT_EQ(rounded.values<uint16_t>(), std::vector<uint16_t>{0x6800});  // 2048
  EXPECT_EQ(loss.values<uint16_t>(), std::vector<uint16_t>{0x3c00});     // 1
}

}  // namespace
}  // namespace lineshaft::frontend
