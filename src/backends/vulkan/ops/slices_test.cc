// Operations that are too large for one slice: their results, and the scratch that they take. (A software device's
// slices are a mebibyte.)
#include <gtest/gtest.h>

#include "backends/vulkan/device/operations_pair.h"
#include "lineshaft/program/expression.h"

namespace lineshaft::vulkan {
namespace {

class VulkanSlices : public testing::Test {
 protected:
  void SetUp() override {
    pair = Pair::open();
    if (!pair) GTEST_SKIP() << "there is no Vulkan device";
  }
  TensorView make(std::vector<int64_t> sizes) { return pair->make(DType::kF32, std::move(sizes)); }

  std::unique_ptr<Pair> pair;
};

constexpr ConvGeometry geometry_of(int groups) {
  return {{1, 1, 1}, {1, 1, 1}, {1, 1, 0}, {1, 1, 0}, groups};
}

TEST_F(VulkanSlices, Convolutions) {
  struct Case {
    int64_t n, c, o, size;
    int groups;
  };
  // Some images at a time; parts of one; parts of its channels too; many groups.
  for (const Case& t : {Case{7, 5, 9, 40, 1}, Case{2, 12, 10, 58, 1}, Case{1, 20, 6, 71, 2}, Case{5, 16, 16, 45, 16}}) {
    ConvGeometry g = geometry_of(t.groups);
    TensorView x = make({t.n, t.c, t.size, t.size}), w = make({t.o, t.c / t.groups, 3, 3}),
               y = make({t.n, t.o, t.size, t.size}), dx = make({t.n, t.c, t.size, t.size}),
               dw = make({t.o, t.c / t.groups, 3, 3});
    pair->expect_same(Conv{x, w, y, g, {}}, {y});
    pair->expect_same(ConvGradInput{y, w, dx, g, {}}, {dx});
    pair->expect_same(ConvGradWeight{x, y, dw, g}, {dw}, 5e-5);
  }
}

TEST_F(VulkanSlices, Normalizations) {
  std::vector<int64_t> sizes{20, 12, 41, 40};
  for (uint8_t axes : {13, 2, 12, 1}) {
    std::vector<int64_t> kept = sizes;
    for (int i = 0; i < 4; ++i)
      if (axes >> i & 1) kept[i] = 1;
    for (auto kind : {NormalizeKind::kStandard, NormalizeKind::kRms}) {
      TensorView x = make(sizes), y = make(sizes), w = make({1, 12, 1, 1}), dy = make(sizes), dx = make(sizes),
                 dw = make({1, 12, 1, 1}), db = make({1, 12, 1, 1});
      TensorView mean = make(kept), rstd = make(kept), weight = broadcast_to(w, sizes);
      if (kind == NormalizeKind::kRms) mean = {};
      pair->expect_same(Normalize{kind, axes, 1e-5, false, x, weight, {}, mean, rstd, y, {}}, {y, rstd});
      pair->expect_same(NormalizeGrad{kind, axes, false, dy, x, weight, mean, rstd, dx, dw, db}, {dx, dw, db}, 5e-5);
    }
  }
}

TEST_F(VulkanSlices, NormalizationWithAnEpilogue) {
  std::vector<int64_t> sizes{4, 6, 9, 10}, kept{1, 6, 1, 1};
  for (DType type : {DType::kF32, DType::kF16}) {
    ProgramBuilder p;
    Expr r = p.input(type), other = p.input(DType::kF32), least = p.arg(DType::kF32);
    p.output(max(cast(r, DType::kF32) + other, least), DType::kF32);
    TensorView other_view = make(sizes), x = pair->make(type, sizes), y = make(sizes), mean = make(kept),
               rstd = make(kept);
    Scalar arg = Scalar::of(-0.5);
    Normalize op{NormalizeKind::kStandard, 13, 1e-5, false, x, {}, {}, mean, rstd, y, {}};
    op.epilogue = {p.finish(), List<TensorView>(&other_view, 1), List<Scalar>(&arg, 1)};
    pair->expect_same(op, {y}, type == DType::kF16 ? 2e-3 : 2e-5);
  }
}

TEST_F(VulkanSlices, Attention) {
  // Some batches at a time; some heads of one.
  for (int64_t length : {100, 330}) {
    for (double dropout : {0.0, 0.25}) {
      AttentionParams params{.scale = 0.3, .causal = dropout == 0, .dropout = dropout, .seed = 3, .offset = 40};
      std::vector<int64_t> sizes{7, 3, length, 8};
      TensorView q = make(sizes), k = make(sizes), v = make(sizes), out = make(sizes), sums = make({7, 3, length}),
                 mask = broadcast_to(make({1, 1, length, length}), std::vector<int64_t>{7, 3, length, length});
      pair->expect_same(Attention{q, k, v, mask, out, sums, params}, {out, sums});
      TensorView d = make(sizes), dq = make(sizes), dk = make(sizes), dv = make(sizes);
      pair->expect_same(AttentionGrad{d, q, k, v, mask, out, sums, dq, dk, dv, params}, {dq, dk, dv}, 5e-5);
    }
  }
}

// Whole, the windows are 110 MiB.
TEST_F(VulkanSlices, AConvolutionTakesLittleBesideItsTensors) {
  ConvGeometry g = geometry_of(1);
  TensorView x = make({64, 16, 56, 56}), w = make({16, 16, 3, 3}), y = make({64, 16, 56, 56});
  Stream& stream = pair->gpu().stream();
  stream.record(Conv{x, w, y, g, {}});
  stream.record(ConvGradWeight{x, y, w, g});
  stream.record(ConvGradInput{y, w, x, g, {}});
  stream.wait();
  ExecutorMemory memory = pair->gpu().device().memory();
  EXPECT_LE(memory.reserved - memory.in_use, 64 << 20);
}

}  // namespace
}  // namespace lineshaft::vulkan
