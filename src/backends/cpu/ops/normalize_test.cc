#include "lineshaft/ops/normalize.h"

#include <gtest/gtest.h>

#include "backends/cpu/program/test_context.h"
#include "lineshaft/ops/normalize_grad.h"
#include "lineshaft/program/expression.h"

namespace lineshaft::cpu::test {
namespace {

struct Case {
  const char* name;
  std::vector<int64_t> sizes;
  uint8_t axes;
  uint8_t weight_axes;  // on which the weight varies
  bool channels_last = false;
};

const Case kCases[] = {
    {"batch", {4, 7, 60}, 0b101, 0b010},         {"batch, channels last", {4, 37, 60}, 0b101, 0b010, true},
    {"batch, many", {20, 3, 300}, 0b101, 0b010}, {"batch of vectors", {300, 21}, 0b01, 0b10},
    {"layer", {6, 11, 100}, 0b100, 0b100},       {"layer, two axes", {9, 11, 100}, 0b110, 0b110},
    {"long layer", {3, 3000}, 0b10, 0b10},       {"layer of many lines", {130, 33, 20}, 0b100, 0b100},
    {"group", {3, 4, 5, 49}, 0b1100, 0b0110},    {"instance", {5, 6, 70}, 0b100, 0b010},
};

struct Tensors {
  TensorView x, weight, bias, mean, rstd, out, grad, grad_x, grad_weight, grad_bias;
};

TensorView last(TensorView view) {  // channels move inside, the sizes stay
  int64_t channels = view.sizes[1], inner = view.sizes[2];
  view.strides[1] = 1;
  view.strides[2] = channels;
  view.strides[0] = channels * inner;
  return view;
}

Tensors make(TestContext& context, const Case& c, DType type, NormalizeKind kind) {
  DType statistic = accumulate_type(type);
  std::vector<int64_t> group = c.sizes, weight = c.sizes;
  for (size_t i = 0; i < c.sizes.size(); ++i) {
    if (c.axes >> i & 1) group[i] = 1;
    if (!(c.weight_axes >> i & 1)) weight[i] = 1;
  }
  Tensors t;
  t.x = context.make(type, c.sizes);
  t.out = context.make(type, c.sizes);
  t.grad = context.make(type, c.sizes);
  t.grad_x = context.make(type, c.sizes);
  if (c.channels_last)
    for (auto* view : {&t.x, &t.out, &t.grad, &t.grad_x}) *view = last(*view);
  TensorView w = context.make(type, weight), b = context.make(type, weight);
  uint32_t seed = 1;
  for (const auto* view : {&t.x, &t.grad, &w, &b}) randomize(context, *view, seed++);
  t.weight = broadcast_to(w, t.x.shape());
  t.bias = broadcast_to(b, t.x.shape());
  if (kind == NormalizeKind::kStandard) t.mean = context.make(statistic, group);
  t.rstd = context.make(statistic, group);
  t.grad_weight = context.make(type, weight);
  t.grad_bias = context.make(type, weight);
  return t;
}

// Positions of an element in an array of the sizes with 1 on `dropped` axes.
int64_t place(int64_t k, const TensorView& x, uint8_t dropped) {
  int64_t out = 0, stride = 1;
  for (int i = x.rank - 1; i >= 0; --i) {
    int64_t at = k % x.sizes[i];
    k /= x.sizes[i];
    if (dropped >> i & 1) continue;
    out += at * stride;
    stride *= x.sizes[i];
  }
  return out;
}

void check(const Case& c, DType type, NormalizeKind kind, bool affine, bool constant) {
  SCOPED_TRACE(
      concat(c.name, " ", name_of(type), " kind ", static_cast<int>(kind), " affine ", affine, " constant ", constant));
  TestContext context;
  Tensors t = make(context, c, type, kind);
  if (!affine) t.weight = t.bias = {};
  Normalize op{.kind = kind,
               .axes = c.axes,
               .input = t.x,
               .weight = t.weight,
               .bias = t.bias,
               .mean = t.mean,
               .rstd = t.rstd,
               .output = t.out};
  validate(op);
  run(context, op);
  NormalizeGrad grad{.kind = kind,
                     .axes = c.axes,
                     .constant_statistics = constant,
                     .grad_output = t.grad,
                     .input = t.x,
                     .weight = t.weight,
                     .mean = t.mean,
                     .rstd = t.rstd,
                     .grad_input = t.grad_x,
                     .grad_weight = t.grad_weight,
                     .grad_bias = t.grad_bias};
  validate(grad);
  run(context, grad);

  int64_t groups = t.rstd.numel(), total = t.x.numel();
  double n = static_cast<double>(total / groups), eps = op.eps;
  std::vector<double> mean(groups), var(groups), rstd(groups), s1(groups), s2(groups), gw(t.grad_weight.numel()),
      gb(gw.size()), scale(gw.size());
  auto x = values(context, t.x), dy = values(context, t.grad);
  auto group = [&](int64_t k) { return place(k, t.x, c.axes); };
  auto weight_at = [&](int64_t k) { return affine ? read(context, t.weight, k).f : 1; };
  if (kind == NormalizeKind::kStandard)
    for (int64_t k = 0; k < total; ++k) mean[group(k)] += x[k] / n;
  for (int64_t k = 0; k < total; ++k) var[group(k)] += (x[k] - mean[group(k)]) * (x[k] - mean[group(k)]) / n;
  double close = type == DType::kF64 ? 1e-12 : 3e-6, stored = type == DType::kF16    ? 1e-3
                                                              : type == DType::kBF16 ? 1e-2
                                                                                     : close;
  for (int64_t g = 0; g < groups; ++g) {
    rstd[g] = 1 / std::sqrt(var[g] + eps);
    ASSERT_NEAR(read(context, t.rstd, g).f, rstd[g], close * rstd[g]);
    if (t.mean) {
      ASSERT_NEAR(read(context, t.mean, g).f, mean[g], close);
    }
  }
  auto normal = [&](int64_t k) { return (x[k] - mean[group(k)]) * rstd[group(k)]; };
  for (int64_t k = 0; k < total; ++k) {
    double want = normal(k) * weight_at(k) + (affine ? read(context, t.bias, k).f : 0);
    ASSERT_NEAR(read(context, t.out, k).f, want, stored * (4 + std::fabs(want)));
    s1[group(k)] += dy[k] * weight_at(k);
    s2[group(k)] += dy[k] * weight_at(k) * normal(k);
    int64_t w = place(k, t.x, static_cast<uint8_t>(~c.weight_axes));
    gw[w] += dy[k] * normal(k);
    gb[w] += dy[k];
    scale[w] += std::fabs(dy[k] * normal(k)) + std::fabs(dy[k]);
  }
  for (int64_t k = 0; k < total; ++k) {
    int64_t g = group(k);
    double want = dy[k] * weight_at(k);
    if (!constant) want -= (kind == NormalizeKind::kStandard ? s1[g] / n : 0) + normal(k) * s2[g] / n;
    ASSERT_NEAR(read(context, t.grad_x, k).f, want * rstd[g], stored * (4 + 4 * std::fabs(want * rstd[g])));
  }
  for (size_t w = 0; w < gw.size(); ++w) {
    auto at = static_cast<int64_t>(w);
    ASSERT_NEAR(read(context, t.grad_weight, at).f, gw[w], stored * (1 + scale[w]));
    ASSERT_NEAR(read(context, t.grad_bias, at).f, gb[w], stored * (1 + scale[w]));
  }
}

TEST(CpuNormalize, EveryNormalizationAndGradient) {
  for (const Case& c : kCases)
    for (DType type : {DType::kF32, DType::kF64, DType::kF16, DType::kBF16})
      for (NormalizeKind kind : {NormalizeKind::kStandard, NormalizeKind::kRms}) {
        check(c, type, kind, true, false);
        check(c, type, kind, false, false);
        check(c, type, kind, true, true);
      }
}

// The layout, an epilogue, and running one at a time change no bit.
TEST(CpuNormalize, BitsDoNotDependOnLayoutOrEpilogue) {
  ProgramBuilder e;
  Expr r = e.input(DType::kF32);
  e.output(max(r, 0.0), DType::kF32);
  ProgramRef relu = e.finish();
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    TestContext context;
    Tensors t = make(context, c, DType::kF32, NormalizeKind::kStandard);
    Normalize op{.axes = c.axes,
                 .input = t.x,
                 .weight = t.weight,
                 .bias = t.bias,
                 .mean = t.mean,
                 .rstd = t.rstd,
                 .output = t.out};
    run(context, op);
    auto plain = values(context, t.out), mean = values(context, t.mean), rstd = values(context, t.rstd);
    op.epilogue.program = relu;
    run(context, op);
    auto fused = values(context, t.out);
    for (size_t k = 0; k < plain.size(); ++k) ASSERT_EQ(fused[k], std::max(plain[k], 0.0));
    if (c.sizes.size() != 3) continue;
    TensorView other = last(context.make(DType::kF32, c.sizes)), out = last(context.make(DType::kF32, c.sizes));
    for (int64_t k = 0; k < other.numel(); ++k) write(context, other, k, read(context, t.x, k));
    op.epilogue = {};
    op.input = other;
    op.output = out;
    run(context, op);
    EXPECT_EQ(values(context, out), plain);
    EXPECT_EQ(values(context, t.mean), mean);
    EXPECT_EQ(values(context, t.rstd), rstd);
    op.use_statistics = true;
    op.input = t.x;
    op.output = t.x;
    run(context, op);
    EXPECT_EQ(values(context, t.x), plain);
  }
}

// Operands with gaps take reductions and maps instead of the loops over lines.
TEST(CpuNormalize, LinesGiveTheBitsOfReductionsAndMaps) {
  for (NormalizeKind kind : {NormalizeKind::kStandard, NormalizeKind::kRms})
    for (bool affine : {true, false}) {
      TestContext context;
      Tensors t = make(context, {"", {4300, 37}, 0b10, 0b10}, DType::kF32, kind);
      if (!affine) t.weight = t.bias = {};
      TensorView gaps = context.make(DType::kF32, {4300, 40});
      gaps.sizes[1] = 37;
      for (int64_t k = 0; k < gaps.numel(); ++k) write(context, gaps, k, read(context, t.x, k));
      std::vector<std::vector<double>> results[2];
      for (int which = 0; which < 2; ++which) {
        const TensorView& x = which ? gaps : t.x;
        run(context, Normalize{.kind = kind,
                               .axes = 2,
                               .input = x,
                               .weight = t.weight,
                               .bias = t.bias,
                               .mean = t.mean,
                               .rstd = t.rstd,
                               .output = t.out});
        run(context, NormalizeGrad{.kind = kind,
                                   .axes = 2,
                                   .grad_output = t.grad,
                                   .input = x,
                                   .weight = t.weight,
                                   .mean = t.mean,
                                   .rstd = t.rstd,
                                   .grad_input = t.grad_x,
                                   .grad_weight = t.grad_weight,
                                   .grad_bias = t.grad_bias});
        for (const auto& view : {t.out, t.rstd, t.grad_x, t.grad_weight, t.grad_bias})
          results[which].push_back(values(context, view));
      }
      EXPECT_EQ(results[0], results[1]);
    }
}

}  // namespace
}  // namespace lineshaft::cpu::test
