// pool and pool_grad against loops over windows.
#include <cmath>

#include "conformance/bench.h"

namespace lineshaft::conformance {
namespace {

bool is_adaptive(PoolKind kind) {
  return kind == PoolKind::kAdaptiveMax || kind == PoolKind::kAdaptiveAverage;
}
bool is_max(PoolKind kind) {
  return kind == PoolKind::kMax || kind == PoolKind::kAdaptiveMax;
}

struct Problem {
  Shape input, output;
  PoolGeometry geometry;
};

Problem random_problem(Bench& bench) {
  Problem p;
  PoolGeometry& g = p.geometry;
  auto spatial = static_cast<int>(bench.pick({1, 2, 2, 2, 3}));
  g.kind = static_cast<PoolKind>(bench.uniform(0, 3));
  g.count_include_pad = bench.chance(0.5);
  if (g.kind == PoolKind::kAverage && bench.chance(0.3)) g.divisor = 3;
  p.input = p.output = {bench.size(3), bench.size(9)};
  for (int i = 0; i < spatial; ++i) {
    while (true) {
      int64_t from = bench.uniform(1, spatial == 3 ? 7 : 14), to = bench.uniform(1, 6);
      if (!is_adaptive(g.kind)) {
        g.kernel[i] = static_cast<int32_t>(bench.uniform(1, 4));
        g.stride[i] = static_cast<int32_t>(bench.uniform(1, 3));
        g.dilation[i] = g.kind == PoolKind::kMax ? static_cast<int32_t>(bench.pick({1, 1, 2})) : 1;
        int64_t extent = g.dilation[i] * (g.kernel[i] - 1) + 1;
        g.padding[i] = static_cast<int32_t>(bench.uniform(0, (g.dilation[i] == 1 ? extent : g.kernel[i]) / 2));
        int64_t room = from + 2 * g.padding[i] - extent;
        if (room < 0) continue;
        to = (bench.chance(0.5) ? room : room + g.stride[i] - 1) / g.stride[i] + 1;
        if ((to - 1) * g.stride[i] >= from + g.padding[i]) --to;
      }
      p.input.push_back(from);
      p.output.push_back(to);
      break;
    }
  }
  return p;
}

// Calls f(input position) for each element of the window of output position `at`; returns what an average divides by.
template <class F>
int64_t for_each_in_window(const Problem& p, const Shape& at, F&& f) {
  const PoolGeometry& g = p.geometry;
  size_t spatial = at.size() - 2;
  Shape begin(spatial), count(spatial), step(spatial, 1), where = at;
  int64_t padded = 1, inside = 1;
  for (size_t i = 0; i < spatial; ++i) {
    int64_t size = p.input[i + 2], to = p.output[i + 2], x = at[i + 2];
    if (is_adaptive(g.kind)) {
      begin[i] = x * size / to;
      count[i] = ((x + 1) * size + to - 1) / to - begin[i];
      inside *= count[i];
      continue;
    }
    begin[i] = x * g.stride[i] - g.padding[i];
    count[i] = g.kernel[i];
    step[i] = g.dilation[i];
    int64_t end = begin[i] + g.kernel[i];
    padded *= std::min(end, size + g.padding[i]) - begin[i];
    inside *= std::max<int64_t>(0, std::min(end, size) - std::max<int64_t>(begin[i], 0));
  }
  for_each_position(count, [&](const Shape& tap) {
    for (size_t i = 0; i < spatial; ++i) {
      where[i + 2] = begin[i] + tap[i] * step[i];
      if (where[i + 2] < 0 || where[i + 2] >= p.input[i + 2]) return;
    }
    f(where);
  });
  if (is_adaptive(g.kind)) return inside;
  return g.divisor > 0 ? g.divisor : g.count_include_pad ? padded : inside;
}

int64_t plane_position(const Problem& p, const Shape& at) {
  int64_t position = 0;
  for (size_t i = 2; i < at.size(); ++i) position = position * p.input[i] + at[i];
  return position;
}

TEST_P(Conformance, PoolForwardAndBackward) {
  rounds(150, [](Bench& bench) {
    Problem p = random_problem(bench);
    bool max = is_max(p.geometry.kind);
    DType dtype =
        max && bench.chance(0.3) ? bench.pick({DType::kI64, DType::kI32, DType::kI8, DType::kU8}) : float_dtype(bench);
    Pool op{.input = bench.input(dtype, p.input), .output = bench.output(dtype, p.output), .geometry = p.geometry};
    if (max && bench.chance(0.7)) op.indices = bench.output(DType::kI64, p.output);
    Array x = bench.load(op.input), value(p.output), scale(p.output), index(p.output);
    bool empty = false;
    int64_t terms = 1;
    for_each_position(p.output, [&](const Shape& at) {
      int64_t seen = 0;
      int64_t divisor = for_each_in_window(p, at, [&](const Shape& where) {
        if (max && (seen == 0 || x(where) > value(at))) {
          value(at) = x(where);
          index(at) = static_cast<Number>(plane_position(p, where));
        } else if (!max) {
          value(at) += x(where);
          scale(at) += std::abs(x(where));
        }
        ++seen;
      });
      empty |= seen == 0;
      terms = std::max(terms, seen);
      if (!max) value(at) /= divisor, scale(at) /= divisor;
    });
    if (empty) return;
    std::vector<Expected> expected{{op.output, value, scale, max ? 0 : sum_units(terms)}};
    if (op.indices) expected.push_back({op.indices, index});
    bench.check(op, expected);
    if (!is_float(dtype)) return;

    PoolGrad grad{
        .grad_output = bench.input(dtype, p.output), .output = bench.output(dtype, p.input), .geometry = p.geometry};
    if (max) grad.indices = bench.input(DType::kI64, index);
    Array g = bench.load(grad.grad_output), back(p.input), back_scale(p.input);
    for_each_position(p.output, [&](const Shape& at) {
      int64_t divisor = for_each_in_window(p, at, [](const Shape&) {});
      for_each_in_window(p, at, [&](const Shape& where) {
        if (max && plane_position(p, where) != static_cast<int64_t>(index(at))) return;
        Number term = max ? g(at) : g(at) / divisor;
        back(where) += term;
        back_scale(where) += std::abs(term);
      });
    });
    bench.check(grad, {{grad.output, back, back_scale, sum_units(terms)}});
  });
}

TEST_P(Conformance, PoolGradReportsIndicesOutsideTheInput) {
  rounds(2, [](Bench& bench) {
    Array index({1, 1, 2});
    index.data = {1, bench.chance(0.5) ? 4.0L : -1.0L};
    PoolGrad op{.grad_output = bench.input(DType::kF32, Shape{1, 1, 2}),
                .indices = bench.input(DType::kI64, index),
                .output = bench.output(DType::kF32, Shape{1, 1, 4}),
                .geometry = {.kernel = {2, 1, 1}, .stride = {2, 1, 1}}};
    std::string error = bench.error_of(op);
    EXPECT_NE(error.find("out of range"), std::string::npos) << error;
  });
}

}  // namespace
}  // namespace lineshaft::conformance
