// Pools and their gradients against the definition.
#include "lineshaft/ops/pool.h"

#include <limits>

#include "backends/cpu/dnn/test_tensor.h"
#include "lineshaft/ops/pool_grad.h"

namespace lineshaft::cpu::test {
namespace {

struct Shape {
  int64_t images, channels;
  Sizes in, out;
  PoolGeometry geometry;
};

Sizes with(int64_t a, int64_t b, const Sizes& rest) {
  Sizes sizes{a, b};
  sizes.insert(sizes.end(), rest.begin(), rest.end());
  return sizes;
}

int64_t count(const Sizes& sizes) {
  return std::accumulate(sizes.begin(), sizes.end(), int64_t{1}, std::multiplies<>());
}

// Calls f(output element, input elements of its window in order, divisor).
template <class F>
void for_each_window(const Shape& s, F&& f) {
  int spatial = static_cast<int>(s.in.size());
  int64_t planes = s.images * s.channels, area = count(s.in), out_area = count(s.out);
  for (int64_t o = 0; o < planes * out_area; ++o) {
    std::vector<int64_t> elements{o / out_area * area};
    int64_t rest = o % out_area, scale = out_area;
    double divisor = 1;
    for (int i = 0; i < spatial; ++i) {
      scale /= s.out[i];
      int64_t x = rest / scale;
      rest %= scale;
      PoolWindow window = pool_window(s.geometry, i, x, s.in[i], s.out[i]);
      int64_t below = 1, inside = 0;
      for (int j = i + 1; j < spatial; ++j) below *= s.in[j];
      std::vector<int64_t> next;
      for (int64_t element : elements)
        for (int64_t y = window.begin; y < window.end; y += window.step)
          if (y >= 0 && y < s.in[i]) next.push_back(element + y * below);
      for (int64_t y = window.begin; y < window.end; y += window.step) inside += y >= 0 && y < s.in[i];
      bool padded = s.geometry.kind == PoolKind::kAverage && s.geometry.count_include_pad;
      divisor *= padded ? std::min(window.end, s.in[i] + s.geometry.padding[i]) - window.begin : inside;
      elements = next;
    }
    f(o, elements, s.geometry.divisor > 0 && s.geometry.kind == PoolKind::kAverage ? s.geometry.divisor : divisor);
  }
}

void check_max(const Shape& s, DType type, bool last) {
  Sizes in = with(s.images, s.channels, s.in), out = with(s.images, s.channels, s.out);
  SCOPED_TRACE(
      concat("max ", name_of(type), " ", shape_text(in), " -> ", shape_text(out), last ? " channels last" : ""));
  Layout layout = last ? channels_last(static_cast<int>(in.size())) : Layout{};
  Tensor input(type, in, layout), output(type, out, layout), indices(DType::kI64, out, layout);
  auto x = input.randomize(1);
  stream().record(Pool{input.view, output.view, indices.view, s.geometry});
  auto y = output.read(), at = indices.read();
  std::vector<double> want(y.size()), want_at(y.size());
  int64_t area = count(s.in);
  for_each_window(s, [&](int64_t o, const std::vector<int64_t>& window, double) {
    int64_t best = window[0];
    for (int64_t i : window)
      if (x[i] > x[best]) best = i;
    want[o] = x[best];
    want_at[o] = static_cast<double>(best % area);
  });
  EXPECT_EQ(y, want);
  EXPECT_EQ(at, want_at);
  if (!is_float(type)) return;
  Tensor grad(type, out, layout), grad_input(type, in, layout);
  auto g = grad.randomize(2);
  stream().record(PoolGrad{grad.view, indices.view, grad_input.view, s.geometry});
  std::vector<double> gx(x.size());
  for (size_t o = 0; o < g.size(); ++o) gx[o / count(s.out) * area + static_cast<int64_t>(want_at[o])] += g[o];
  expect_close(grad_input.read(), gx, tolerance(type, 16));
}

void check_average(const Shape& s, DType type, bool last) {
  Sizes in = with(s.images, s.channels, s.in), out = with(s.images, s.channels, s.out);
  SCOPED_TRACE(
      concat("average ", name_of(type), " ", shape_text(in), " -> ", shape_text(out), last ? " channels last" : ""));
  Layout layout = last ? channels_last(static_cast<int>(in.size())) : Layout{};
  Tensor input(type, in, layout), output(type, out, layout), grad(type, out, layout), grad_input(type, in, layout);
  auto x = input.randomize(1), g = grad.randomize(2);
  stream().record(Pool{input.view, output.view, {}, s.geometry});
  stream().record(PoolGrad{grad.view, {}, grad_input.view, s.geometry});
  std::vector<double> y(g.size()), gx(x.size());
  for_each_window(s, [&](int64_t o, const std::vector<int64_t>& window, double divisor) {
    for (int64_t i : window) {
      y[o] += x[i] / divisor;
      gx[i] += g[o] / divisor;
    }
  });
  expect_close(output.read(), y, tolerance(type, 64));
  expect_close(grad_input.read(), gx, tolerance(type, 64));
}

PoolGeometry geometry(PoolKind kind, Spatial kernel, Spatial stride, Spatial padding, Spatial dilation = {1, 1, 1}) {
  return {kind, kernel, stride, padding, dilation};
}

std::vector<Shape> shapes(PoolKind kind) {
  bool max = kind == PoolKind::kMax;
  return {
      {2, 3, {8, 8}, {4, 4}, geometry(kind, {2, 2, 1}, {2, 2, 1}, {0, 0, 0})},
      {2, 20, {11, 13}, {6, 7}, geometry(kind, {3, 3, 1}, {2, 2, 1}, {1, 1, 0})},
      {1, 5, {9, 7}, {9, 7}, geometry(kind, {3, 3, 1}, {1, 1, 1}, {1, 1, 0})},
      {1, 4, {10, 10}, {4, 4}, geometry(kind, {3, 3, 1}, {3, 3, 1}, {1, 1, 0})},
      {2, 3, {7}, {4}, geometry(kind, {2, 1, 1}, {2, 1, 1}, {0, 0, 0})},  // rounded up: the last window is cut
      {1, 300, {5, 300}, {2, 298}, geometry(kind, {2, 3, 1}, {2, 1, 1}, {0, 0, 0})},
      {2, 3, {5, 6, 7}, {3, 3, 3}, geometry(kind, {3, 2, 3}, {2, 2, 2}, {1, 0, 0})},
      {1,
       2,
       {9, 9},
       {max ? 5 : 7, max ? 5 : 7},
       geometry(kind, {3, 3, 1}, {1, 1, 1}, {0, 0, 0}, max ? Spatial{2, 2, 1} : Spatial{1, 1, 1})},
      {2, 6, {7, 7}, {1, 1}, geometry(kind, {7, 7, 1}, {7, 7, 1}, {0, 0, 0})},
  };
}

std::vector<Shape> adaptive(PoolKind kind) {
  PoolGeometry g;
  g.kind = kind;
  return {{2, 5, {7, 9}, {3, 4}, g},
          {2, 17, {8, 8}, {4, 2}, g},
          {1, 3, {5, 6, 7}, {2, 7, 1}, g},
          {3, 4, {10}, {4}, g},
          {2, 8, {7, 7}, {1, 1}, g}};
}

TEST(CpuPool, MaximaAgreeWithTheDefinition) {
  for (auto list : {shapes(PoolKind::kMax), adaptive(PoolKind::kAdaptiveMax)})
    for (const Shape& shape : list)
      for (DType type :
           {DType::kF32, DType::kF64, DType::kF16, DType::kBF16, DType::kI64, DType::kI32, DType::kI16, DType::kI8})
        for (bool last : {false, true}) check_max(shape, type, last);
}

TEST(CpuPool, AveragesAgreeWithTheDefinition) {
  for (auto list : {shapes(PoolKind::kAverage), adaptive(PoolKind::kAdaptiveAverage)})
    for (Shape shape : list)
      for (DType type : {DType::kF32, DType::kF64, DType::kF16, DType::kBF16})
        for (int variant = 0; variant < 6; ++variant) {
          shape.geometry.count_include_pad = variant & 1;
          shape.geometry.divisor = variant >= 4 ? 5 : 0;
          check_average(shape, type, (variant & 2) != 0);
        }
}

TEST(CpuPool, NanWinsAndMinusInfinityHasAPosition) {
  Tensor input(DType::kF32, {1, 1, 2, 4}), output(DType::kF32, {1, 1, 1, 2}), indices(DType::kI64, {1, 1, 1, 2});
  double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
  input.write({1, nan, -infinity, -infinity, 5, 2, -infinity, -infinity});
  stream().record(
      Pool{input.view, output.view, indices.view, geometry(PoolKind::kMax, {2, 2, 1}, {2, 2, 1}, {0, 0, 0})});
  auto y = output.read(), at = indices.read();
  EXPECT_TRUE(std::isnan(y[0]));
  EXPECT_EQ(at[0], 1);
  EXPECT_EQ(y[1], -infinity);
  EXPECT_EQ(at[1], 2);
}

TEST(CpuPool, AnIndexOutsideTheInputIsReported) {
  for (bool last : {false, true}) {
    Layout layout = last ? channels_last(4) : Layout{};
    Tensor grad(DType::kF32, {1, 2, 1, 2}, layout), indices(DType::kI64, {1, 2, 1, 2}, layout),
        out(DType::kF32, {1, 2, 2, 4}, layout);
    grad.write({1, 2, 3, 4});
    indices.write({0, 8, 3, 2});
    stream().record(
        PoolGrad{grad.view, indices.view, out.view, geometry(PoolKind::kMax, {2, 2, 1}, {2, 2, 1}, {0, 0, 0})});
    EXPECT_THROW(stream().wait(), Error);
    EXPECT_EQ(out.read(), (std::vector<double>{1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 3, 0, 0, 0, 0}));
  }
}

}  // namespace
}  // namespace lineshaft::cpu::test
