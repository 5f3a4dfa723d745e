// normalize, softmax and their gradients: forwards from their formulas, gradients by differences of those.
#include <cmath>

#include "conformance/bench.h"
#include "conformance/gradient.h"
#include "conformance/interpreter.h"
#include "conformance/programs.h"

namespace lineshaft::conformance {
namespace {

struct Problem {
  NormalizeKind kind;
  uint8_t axes;
  double eps;
  Shape shape, kept;
};

Problem random_problem(Bench& bench, int64_t most) {
  Problem p{
      static_cast<NormalizeKind>(bench.uniform(0, 1)), 0, bench.pick({1e-5, 1e-2}), bench.shape(1, 4, most, false), {}};
  p.axes = static_cast<uint8_t>(bench.uniform(1, (1 << p.shape.size()) - 1));
  p.kept = p.shape;
  for (size_t i = 0; i < p.kept.size(); ++i)
    if (p.axes >> i & 1) p.kept[i] = 1;
  return p;
}

// The position in an array with size 1 on some axes.
Shape within(const Shape& sizes, Shape at) {
  for (size_t i = 0; i < at.size(); ++i)
    if (sizes[i] == 1) at[i] = 0;
  return at;
}

struct Statistics {
  Array mean, rstd;
};

Statistics statistics_of(const Problem& p, const Array& x) {
  Statistics s{Array(p.kept), Array(p.kept)};
  Number n = static_cast<Number>(product(p.shape)) / static_cast<Number>(std::max<int64_t>(1, product(p.kept)));
  if (p.kind == NormalizeKind::kStandard)
    for_each_position(p.shape, [&](const Shape& at) { s.mean(within(p.kept, at)) += x(at) / n; });
  for_each_position(p.shape, [&](const Shape& at) {
    Number d = x(at) - s.mean(within(p.kept, at));
    s.rstd(within(p.kept, at)) += d * d / n;
  });
  for (Number& v : s.rstd.data) v = 1 / std::sqrt(v + static_cast<Number>(p.eps));
  return s;
}

Array normalized(const Problem& p, const Array& x, const Statistics& s, const Array* weight, const Array* bias) {
  Array y(p.shape);
  for_each_position(p.shape, [&](const Shape& at) {
    Shape k = within(p.kept, at);
    y(at) = (x(at) - s.mean(k)) * s.rstd(k) * (weight ? (*weight)(at) : 1) + (bias ? (*bias)(at) : 0);
  });
  return y;
}

Array scale_of(const Problem& p, const Array& x, const Statistics& s) {
  Array scale(p.shape);
  for_each_position(p.shape, [&](const Shape& at) {
    Shape k = within(p.kept, at);
    scale(at) = 4 * (1 + (std::abs(x(at)) + std::abs(s.mean(k))) * s.rstd(k));
  });
  return scale;
}

int64_t terms_of(const Problem& p) {
  return product(p.shape) / std::max<int64_t>(1, product(p.kept));
}

void normalize_once(Bench& bench, const Problem& p) {
  DType dtype = float_dtype(bench), statistic = accumulator(dtype),
        out = bench.chance(0.8) ? dtype : float_dtype(bench);
  bool standard = p.kind == NormalizeKind::kStandard;
  Normalize op{.kind = p.kind,
               .axes = p.axes,
               .eps = p.eps,
               .use_statistics = bench.chance(0.3),
               .input = bench.input(dtype, p.shape)};
  Array x = bench.load(op.input), weight, bias;
  if (bench.chance(0.6))
    op.weight = bench.input(bench.chance(0.5) ? dtype : DType::kF32, p.shape), weight = bench.load(op.weight);
  if (bench.chance(0.6))
    op.bias = bench.input(bench.chance(0.5) ? dtype : DType::kF32, p.shape), bias = bench.load(op.bias);
  Statistics s = statistics_of(p, x);
  std::vector<Expected> expected;
  double units = 4 * sum_units(terms_of(p));
  if (op.use_statistics) {
    for (Number& v : s.mean.data) v = static_cast<Number>(bench.uniform(-4, 4)) / 4;
    for (Number& v : s.rstd.data) v = static_cast<Number>(bench.uniform(1, 8)) / 4;
    if (standard) op.mean = bench.input(statistic, s.mean);
    op.rstd = bench.input(statistic, s.rstd);
    if (!standard) s.mean = Array(p.kept);
  } else {
    if (standard) op.mean = bench.output(statistic, p.kept);
    op.rstd = bench.output(statistic, p.kept);
    if (standard) expected.push_back({op.mean, s.mean, Array(p.kept, 2), units, statistic});
    Array spread = s.rstd;
    for (Number& v : spread.data) v = v * (1 + v * v * 4);
    expected.push_back({op.rstd, s.rstd, spread, units, statistic});
  }
  Array y = normalized(p, x, s, op.weight ? &weight : nullptr, op.bias ? &bias : nullptr), scale = scale_of(p, x, s);
  RandomProgram epilogue;
  std::vector<TensorView> extra;
  if (bench.chance(0.3)) {
    DType other = float_dtype(bench);
    if (bench.chance(0.5)) extra.push_back(bench.input(other, p.shape));
    epilogue = epilogue_program(bench, statistic, {&other, extra.size()}, out);
    std::vector<Array> inputs{y};
    if (!extra.empty()) inputs.push_back(bench.load(extra[0]));
    y = interpret(*epilogue.program, p.shape, inputs, epilogue.args)[0];
    op.epilogue = {.program = epilogue.program, .inputs = extra, .args = epilogue.args};
  }
  for (int64_t i = 0; i < scale.size(); ++i) {
    Number v = scale.data[i];
    scale.data[i] = v * (op.use_statistics ? 1 : 1 + v);
  }
  op.output = bench.output(out, p.shape);
  expected.push_back({op.output, y, scale, units, statistic});
  bench.check(op, expected);
}

TEST_P(Conformance, NormalizeForward) {
  rounds(100, [](Bench& bench) { normalize_once(bench, random_problem(bench, 30)); });
}

TEST_P(Conformance, NormalizeUsualShapes) {
  rounds(5, [](Bench& bench) {
    for (auto kind : {NormalizeKind::kStandard, NormalizeKind::kRms}) {
      Problem layer{kind, 0b10, 1e-5, {bench.uniform(1, 40), bench.uniform(50, 800)}, {}};
      layer.kept = {layer.shape[0], 1};
      Problem batch{kind, 0b1101, 1e-5, {bench.uniform(1, 8), bench.uniform(1, 20), bench.uniform(1, 12), 9}, {}};
      batch.kept = {1, batch.shape[1], 1, 1};
      Problem group{kind, 0b1100, 1e-5, {bench.uniform(1, 4), bench.uniform(1, 4), bench.uniform(1, 6), 50}, {}};
      group.kept = {group.shape[0], group.shape[1], 1, 1};
      for (const Problem& p : {layer, batch, group}) normalize_once(bench, p);
    }
  });
}

Array summed(const Array& values, const Shape& to) {
  Array sum(to);
  for_each_position(values.shape, [&](const Shape& at) { sum(within(to, at)) += values(at); });
  return sum;
}

TEST_P(Conformance, NormalizeGradients) {
  rounds(60, [](Bench& bench) {
    Problem p = random_problem(bench, 6);
    if (product(p.shape) > 150) return;
    p.eps = 0.05;  // keeps differences well conditioned
    DType dtype = float_dtype(bench), statistic = accumulator(dtype);
    bool standard = p.kind == NormalizeKind::kStandard;
    NormalizeGrad op{.kind = p.kind,
                     .axes = p.axes,
                     .constant_statistics = bench.chance(0.25),
                     .grad_output = bench.input(dtype, p.shape),
                     .input = bench.input(dtype, p.shape)};
    Array x = bench.load(op.input), g = bench.load(op.grad_output), weight(p.shape, 1);
    if (bench.chance(0.6)) op.weight = bench.input(dtype, p.shape), weight = bench.load(op.weight);
    Statistics s = statistics_of(p, x);
    if (standard) op.mean = bench.input(statistic, s.mean);
    op.rstd = bench.input(statistic, s.rstd);
    double units = 16 * difference_units(dtype);
    std::vector<Expected> expected;
    Array spread(p.shape, 16);
    if (bench.chance(0.8)) {
      Array gradient = differentiate(
          [&](const Array& moved) {
            return normalized(p, moved, op.constant_statistics ? s : statistics_of(p, moved), &weight, nullptr);
          },
          x, g);
      op.grad_input = bench.output(dtype, p.shape);
      expected.push_back({op.grad_input, gradient, spread, units, statistic});
    }
    Shape to = p.shape;
    for (int64_t& size : to)
      if (bench.chance(0.5)) size = 1;
    Array terms(p.shape), hat = normalized(p, x, s, nullptr, nullptr);
    for (int64_t i = 0; i < terms.size(); ++i) terms.data[i] = g.data[i] * hat.data[i];
    if (bench.chance(0.6)) {
      op.grad_weight = bench.output(bench.chance(0.5) ? dtype : DType::kF32, to);
      expected.push_back({op.grad_weight, summed(terms, to), Array(to, 64), units, statistic});
    }
    if (bench.chance(0.6) || expected.empty()) {
      op.grad_bias = bench.output(bench.chance(0.5) ? dtype : DType::kF32, to);
      expected.push_back({op.grad_bias, summed(g, to), Array(to, 64), units, statistic});
    }
    bench.check(op, expected);
  });
}

Array softmax_of(const Array& x, int axis, bool log) {
  Array y(x.shape);
  Shape lines = x.shape;
  lines[axis] = std::min<int64_t>(1, lines[axis]);
  for_each_position(lines, [&](Shape at) {
    Number largest = -INFINITY, total = 0;
    auto each = [&](auto&& f) {
      for (at[axis] = 0; at[axis] < x.shape[axis]; ++at[axis]) f();
    };
    each([&] { largest = std::isnan(x(at)) || std::isnan(largest) ? NAN : std::max(largest, x(at)); });
    each([&] { total += std::exp(x(at) - largest); });
    each([&] { y(at) = log ? x(at) - largest - std::log(total) : std::exp(x(at) - largest) / total; });
  });
  return y;
}

TEST_P(Conformance, SoftmaxForward) {
  rounds(120, [](Bench& bench) {
    DType dtype = float_dtype(bench), out = bench.chance(0.7) ? dtype : float_dtype(bench);
    Shape shape = bench.shape(1, 4, bench.chance(0.2) ? 400 : 30);
    if (product(shape) > 30'000) return;
    Softmax op{.axis = static_cast<int32_t>(bench.uniform(0, static_cast<int64_t>(shape.size()) - 1)),
               .log = bench.chance(0.5),
               .input = bench.input(dtype, shape, {-8, 8, bench.chance(0.1)}),
               .output = bench.output(out, shape)};
    Array x = bench.load(op.input), y = softmax_of(x, op.axis, op.log), scale = y;
    for (int64_t i = 0; i < y.size(); ++i) scale.data[i] = op.log ? 32 + 2 * std::abs(y.data[i]) : 32 * y.data[i];
    bench.check(op, {{op.output, y, scale, sum_units(shape[op.axis]), accumulator(dtype)}});
  });
}

TEST_P(Conformance, SoftmaxGradients) {
  rounds(60, [](Bench& bench) {
    DType dtype = float_dtype(bench);
    Shape shape = bench.shape(1, 3, 8);
    if (product(shape) > 150) return;
    auto axis = static_cast<int32_t>(bench.uniform(0, static_cast<int64_t>(shape.size()) - 1));
    bool log = bench.chance(0.5);
    TensorView input = bench.input(dtype, shape);
    Array x = bench.load(input), y = softmax_of(x, axis, log);
    SoftmaxGrad op{.axis = axis,
                   .log = log,
                   .grad_output = bench.input(dtype, shape),
                   .output = bench.input(dtype, y),
                   .grad_input = bench.output(dtype, shape)};
    Array g = bench.load(op.grad_output);
    Array want = differentiate([&](const Array& moved) { return softmax_of(moved, axis, log); }, x, g);
    Array rounding(shape, 16);  // y itself was rounded to its dtype
    double units = difference_units(dtype) + (dtype == DType::kF16 ? 0x1p13 : dtype == DType::kBF16 ? 0x1p16 : 0);
    bench.check(op, {{op.grad_input, want, rounding, units}});
  });
}

}  // namespace
}  // namespace lineshaft::conformance
