// resample from its formulas; its gradients by differences of them.
#include <cmath>

#include "conformance/bench.h"
#include "conformance/gradient.h"

namespace lineshaft::conformance {
namespace {

struct Tap {
  int64_t at;
  Number weight;
};
using Taps = std::vector<Tap>;

int64_t clamped(int64_t at, int64_t size) {
  return std::max<int64_t>(0, std::min(at, size - 1));
}

Number cubic(Number x, Number a) {
  x = std::abs(x);
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

// The neighbours of position s and their weights, positions not yet clamped.
Taps taps_at(ResampleKind kind, Number s) {
  auto base = static_cast<int64_t>(std::floor(s));
  Number t = s - static_cast<Number>(base);
  if (kind == ResampleKind::kLinear) return {{base, 1 - t}, {base + 1, t}};
  Taps taps;
  for (int64_t i = -1; i <= 2; ++i) taps.push_back({base + i, cubic(t - static_cast<Number>(i), -0.75L)});
  return taps;
}

Taps antialiased(ResampleKind kind, int64_t x, Number scale, int64_t size) {
  Number width = std::max<Number>(scale, 1), support = (kind == ResampleKind::kLinear ? 1 : 2) * width;
  Number center = scale * (static_cast<Number>(x) + 0.5L), total = 0;
  auto begin = std::max<int64_t>(static_cast<int64_t>(center - support + 0.5L), 0);
  auto end = std::min<int64_t>(static_cast<int64_t>(center + support + 0.5L), size);
  Taps taps;
  for (int64_t j = begin; j < end; ++j) {
    Number d = (static_cast<Number>(j) - center + 0.5L) / width;
    Number weight = kind == ResampleKind::kLinear ? std::max<Number>(0, 1 - std::abs(d)) : cubic(d, -0.5L);
    taps.push_back({j, weight});
    total += weight;
  }
  for (Tap& tap : taps) tap.weight /= total;
  return taps;
}

Taps regular_taps(const ResampleGeometry& g, int axis, int64_t x, int64_t size) {
  auto scale = static_cast<Number>(g.scale[axis]);
  if (g.antialias) return antialiased(g.kind, x, scale, size);
  if (g.kind == ResampleKind::kNearest) return {{clamped(static_cast<int64_t>(std::floor(x * scale)), size), 1}};
  if (g.kind == ResampleKind::kNearestExact)
    return {{clamped(static_cast<int64_t>(std::floor((x + 0.5L) * scale)), size), 1}};
  Number s = g.align_corners ? x * scale : (x + 0.5L) * scale - 0.5L;
  if (g.kind == ResampleKind::kLinear) s = std::max<Number>(s, 0);
  Taps taps = taps_at(g.kind, s);
  for (Tap& tap : taps) tap.at = clamped(tap.at, size);
  return taps;
}

struct Sum {
  Array value, scale;
};

Sum resample_regular(const Array& x, const Shape& shape, const ResampleGeometry& g) {
  Sum r{Array(shape), Array(shape)};
  size_t spatial = shape.size() - 2;
  std::vector<std::vector<Taps>> taps(spatial);
  for (size_t i = 0; i < spatial; ++i)
    for (int64_t at = 0; at < shape[i + 2]; ++at)
      taps[i].push_back(regular_taps(g, static_cast<int>(i), at, x.shape[i + 2]));
  for_each_position(shape, [&](const Shape& at) {
    Shape counts, where = at;
    for (size_t i = 0; i < spatial; ++i) counts.push_back(static_cast<int64_t>(taps[i][at[i + 2]].size()));
    for_each_position(counts, [&](const Shape& pick) {
      Number weight = 1;
      for (size_t i = 0; i < spatial; ++i) {
        const Tap& tap = taps[i][at[i + 2]][pick[i]];
        where[i + 2] = tap.at;
        weight *= tap.weight;
      }
      r.value(at) += weight * x(where);
      r.scale(at) += std::abs(x(where));
    });
  });
  return r;
}

struct Regular {
  Shape from, to;
  ResampleGeometry geometry;
};

Regular random_regular(Bench& bench, int64_t most) {
  Regular r;
  auto spatial = static_cast<int>(bench.pick({1, 2, 2, 2, 3}));
  ResampleGeometry& g = r.geometry;
  g.kind = static_cast<ResampleKind>(bench.uniform(0, spatial == 2 ? 3 : 2));
  bool smooth = g.kind == ResampleKind::kLinear || g.kind == ResampleKind::kCubic;
  g.align_corners = smooth && bench.chance(0.4);
  g.antialias = smooth && !g.align_corners && spatial == 2 && bench.chance(0.4);
  r.from = r.to = {bench.size(3), bench.size(5)};
  for (int i = 0; i < spatial; ++i) {
    int64_t from = bench.uniform(1, most), to = bench.uniform(1, most);
    r.from.push_back(from);
    r.to.push_back(to);
    // Ratios that are exact in f32, so that positions fall on one side of an edge everywhere.
    if (!g.align_corners && !smooth) {
      g.scale[i] = bench.pick({0.25, 0.5, 1.0, 1.5, 2.0, 2.5});
      continue;
    }
    g.scale[i] = g.align_corners ? (to > 1 ? static_cast<double>(from - 1) / static_cast<double>(to - 1) : 0.0)
                                 : static_cast<double>(from) / static_cast<double>(to);
  }
  return r;
}

TEST_P(Conformance, ResampleRegularGrids) {
  rounds(120, [](Bench& bench) {
    Regular p = random_regular(bench, 12);
    bool exact = p.geometry.kind == ResampleKind::kNearest || p.geometry.kind == ResampleKind::kNearestExact;
    DType dtype = float_dtype(bench);
    Resample op{.input = bench.input(dtype, p.from), .output = bench.output(dtype, p.to), .geometry = p.geometry};
    Sum want = resample_regular(bench.load(op.input), p.to, p.geometry);
    bench.check(op, {{op.output, want.value, want.scale, exact ? 0.0 : 128.0}});
  });
}

TEST_P(Conformance, ResampleGradientOfTheInput) {
  rounds(60, [](Bench& bench) {
    Regular p = random_regular(bench, 6);
    if (product(p.from) > 200) return;
    DType dtype = float_dtype(bench);
    ResampleGrad op{
        .grad_output = bench.input(dtype, p.to), .grad_input = bench.output(dtype, p.from), .geometry = p.geometry};
    Array g = bench.load(op.grad_output);
    Array want = differentiate([&](const Array& moved) { return resample_regular(moved, p.to, p.geometry).value; },
                               Array(p.from), g);
    bench.check(op, {{op.grad_input, want, Array(p.from, 8 * static_cast<Number>(1 + product(p.to))),
                      difference_units(dtype)}});
  });
}

Number reflected(Number s, Number low, Number high) {
  if (high <= low) return 0;
  Number span = high - low, d = std::fmod(std::abs(s - low), 2 * span);
  return low + (d > span ? 2 * span - d : d);
}

// A coordinate in -1..1 as a position, padding applied.
Number unnormalized(const ResampleGeometry& g, Number c, int64_t size) {
  auto n = static_cast<Number>(size);
  return g.align_corners ? (c + 1) / 2 * (n - 1) : ((c + 1) * n - 1) / 2;
}

Number padded(const ResampleGeometry& g, Number s, int64_t size) {
  auto last = static_cast<Number>(size - 1);
  if (g.padding == ResamplePadding::kReflection)
    s = g.align_corners ? reflected(s, 0, last) : reflected(s, -0.5L, last + 0.5L);
  if (g.padding != ResamplePadding::kZeros) s = std::max<Number>(0, std::min(s, last));
  return s;
}

Taps point_taps(const ResampleGeometry& g, Number coordinate, int64_t size) {
  Number s = unnormalized(g, coordinate, size);
  Taps taps;
  if (g.kind == ResampleKind::kCubic) {
    taps = taps_at(g.kind, s);
    for (Tap& tap : taps) tap.at = static_cast<int64_t>(padded(g, static_cast<Number>(tap.at), size));
  } else if (g.kind == ResampleKind::kNearest) {
    taps = {{static_cast<int64_t>(std::nearbyint(padded(g, s, size))), 1}};
  } else {
    taps = taps_at(g.kind, padded(g, s, size));
  }
  for (Tap& tap : taps)
    if (tap.at < 0 || tap.at >= size) tap = {0, 0};
  return taps;
}

Array resample_points(const Array& x, const Array& grid, const Shape& shape, const ResampleGeometry& g) {
  Array y(shape);
  size_t spatial = shape.size() - 2;
  for_each_position(shape, [&](const Shape& at) {
    Shape point{at[0]}, counts, where = at;
    point.insert(point.end(), at.begin() + 2, at.end());
    point.push_back(0);
    std::vector<Taps> taps;
    for (size_t i = 0; i < spatial; ++i) {
      point.back() = static_cast<int64_t>(spatial - 1 - i);  // x first
      taps.push_back(point_taps(g, grid(point), x.shape[i + 2]));
      counts.push_back(static_cast<int64_t>(taps.back().size()));
    }
    for_each_position(counts, [&](const Shape& pick) {
      Number weight = 1;
      for (size_t i = 0; i < spatial; ++i) {
        where[i + 2] = taps[i][pick[i]].at;
        weight *= taps[i][pick[i]].weight;
      }
      y(at) += weight * x(where);
    });
  });
  return y;
}

struct Points {
  Shape from, to, grid;
  ResampleGeometry geometry;
};

Points random_points(Bench& bench, int64_t most) {
  Points p;
  int64_t spatial = bench.pick<int64_t>({2, 2, 3});
  p.geometry.kind = spatial == 2 ? bench.pick({ResampleKind::kNearest, ResampleKind::kLinear, ResampleKind::kCubic})
                                 : bench.pick({ResampleKind::kNearest, ResampleKind::kLinear});
  p.geometry.align_corners = bench.chance(0.5);
  p.geometry.padding = static_cast<ResamplePadding>(bench.uniform(0, 2));
  p.from = p.to = {bench.uniform(1, 2), bench.uniform(1, 3)};
  p.grid = {p.from[0]};
  for (int64_t i = 0; i < spatial; ++i) {
    p.from.push_back(bench.uniform(2, most));
    p.to.push_back(bench.uniform(1, most));
    p.grid.push_back(p.to.back());
  }
  p.grid.push_back(spatial);
  return p;
}

TEST_P(Conformance, ResamplePoints) {
  rounds(80, [](Bench& bench) {
    Points p = random_points(bench, 7);
    DType dtype = bench.pick({DType::kF32, DType::kF64});
    Resample op{.input = bench.input(dtype, p.from),
                .grid = bench.input(dtype, p.grid, {-1.6, 1.6}),
                .output = bench.output(dtype, p.to),
                .geometry = p.geometry};
    Array want = resample_points(bench.load(op.input), bench.load(op.grid), p.to, p.geometry);
    bench.check(op, {{op.output, want, Array(p.to, 64), 16}});
  });
}

TEST_P(Conformance, ResamplePointGradients) {
  rounds(40, [](Bench& bench) {
    Points p = random_points(bench, 4);
    if (product(p.from) > 100 || product(p.grid) > 100) return;
    DType dtype = bench.pick({DType::kF32, DType::kF64});
    ResampleGrad op{.grad_output = bench.input(dtype, p.to),
                    .grid = bench.input(dtype, p.grid, {-1.6, 1.6}),
                    .geometry = p.geometry};
    TensorView input = bench.input(dtype, p.from);
    Array g = bench.load(op.grad_output), x = bench.load(input), points = bench.load(op.grid);
    std::vector<Expected> expected;
    double units = difference_units(dtype) * (dtype == DType::kF64 ? 1 : 2);
    if (bench.chance(0.7)) {
      op.grad_input = bench.output(dtype, p.from);
      expected.push_back(
          {op.grad_input,
           differentiate([&](const Array& moved) { return resample_points(moved, points, p.to, p.geometry); }, x, g),
           Array(p.from, 64), units});
    }
    if (expected.empty() || bench.chance(0.7)) {
      op.input = input;
      op.grad_grid = bench.output(dtype, p.grid);
      Array want =
          differentiate([&](const Array& moved) { return resample_points(x, moved, p.to, p.geometry); }, points, g);
      expected.push_back({op.grad_grid, want, Array(p.grid, 64), units});
    }
    bench.check(op, expected);
  });
}

}  // namespace
}  // namespace lineshaft::conformance
