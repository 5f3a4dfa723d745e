// attention from its formula; its gradients by differences of that.
#include <cmath>

#include "conformance/bench.h"
#include "conformance/gradient.h"
#include "conformance/interpreter.h"

namespace lineshaft::conformance {
namespace {

struct Problem {
  AttentionParams params;
  bool has_mask = false, bool_mask = false;
  Array mask;
};

struct Result {
  Array output, logsumexp, scale;
};

Result attend(const Problem& p, const Array& q, const Array& k, const Array& v) {
  int64_t heads = q.shape[1], queries = q.shape[2], keys = k.shape[2], depth = q.shape[3], values = v.shape[3];
  Result r{Array({q.shape[0], heads, queries, values}), Array({q.shape[0], heads, queries}),
           Array({q.shape[0], heads, queries, values})};
  for_each_position(r.logsumexp.shape, [&](const Shape& at) {
    int64_t b = at[0], h = at[1], i = at[2];
    std::vector<Number> s(keys);
    Number largest = -INFINITY, total = 0, reach = 0;
    for (int64_t j = 0; j < keys; ++j) {
      for (int64_t d = 0; d < depth; ++d) s[j] += q.at(b, h, i, d) * k.at(b, h, j, d);
      s[j] *= static_cast<Number>(p.params.scale);
      if (p.has_mask) {
        Number m = p.mask.at(b, h, i, j);
        if (!p.bool_mask) s[j] += m;
        if (p.bool_mask && m == 0) s[j] = -INFINITY;
      }
      if (p.params.causal && j > i + keys - queries) s[j] = -INFINITY;
      largest = std::max(largest, s[j]);
      if (std::isfinite(s[j])) reach = std::max(reach, std::abs(s[j]));
    }
    for (Number each : s) total += std::isinf(largest) ? 0 : std::exp(each - largest);
    r.logsumexp(at) = total == 0 ? -INFINITY : largest + std::log(total);
    for (int64_t j = 0; j < keys && total > 0; ++j) {
      Number weight = std::exp(s[j] - largest) / total;
      if (p.params.dropout > 0) {
        int64_t number = ((b * heads + h) * queries + i) * keys + j;
        Number draw = uniform(static_cast<uint64_t>(p.params.seed), static_cast<uint64_t>(p.params.offset + number));
        weight = draw >= static_cast<Number>(static_cast<float>(p.params.dropout))
                     ? weight / (1 - static_cast<Number>(p.params.dropout))
                     : 0;
      }
      for (int64_t d = 0; d < values; ++d) {
        r.output.at(b, h, i, d) += weight * v.at(b, h, j, d);
        r.scale.at(b, h, i, d) += weight * std::abs(v.at(b, h, j, d)) * (4 + 2 * reach);
      }
    }
  });
  return r;
}

struct Operands {
  DType dtype;
  TensorView query, key, value, mask;
  Problem problem;
  Array q, k, v;
};

Operands random_operands(Bench& bench, int64_t most) {
  Operands o{.dtype = float_dtype(bench)};
  int64_t batch = bench.uniform(1, 2), heads = bench.uniform(1, 3), queries = bench.uniform(1, most);
  int64_t keys = bench.chance(0.5) ? queries : bench.uniform(1, most), depth = bench.uniform(1, 12),
          values = bench.chance(0.6) ? depth : bench.uniform(1, 9);
  o.query = bench.input(o.dtype, Shape{batch, heads, queries, depth});
  o.key = bench.input(o.dtype, Shape{batch, heads, keys, depth});
  o.value = bench.input(o.dtype, Shape{batch, heads, keys, values});
  Problem& p = o.problem;
  p.params.scale = 1 / std::sqrt(static_cast<double>(depth));
  p.params.causal = bench.chance(0.4);
  p.params.seed = static_cast<int64_t>(bench.random() >> 1);
  p.params.offset = bench.uniform(0, 1000);
  if (bench.chance(0.3)) p.params.dropout = 0.25;
  p.has_mask = bench.chance(0.5);
  p.bool_mask = bench.chance(0.6);
  if (p.has_mask) {
    o.mask = bench.input(p.bool_mask ? DType::kBool : o.dtype, Shape{batch, heads, queries, keys});
    p.mask = bench.load(o.mask);
  }
  o.q = bench.load(o.query);
  o.k = bench.load(o.key);
  o.v = bench.load(o.value);
  return o;
}

void forward(Bench& bench, int64_t most) {
  Operands o = random_operands(bench, most);
  Result want = attend(o.problem, o.q, o.k, o.v);
  Array spread = want.logsumexp;
  for (Number& s : spread.data) s = std::isfinite(s) ? 8 + std::abs(s) : 0;
  double units = 2 * sum_units(o.k.shape[2]) + 2 * sum_units(o.q.shape[3]);
  Attention op{.query = o.query,
               .key = o.key,
               .value = o.value,
               .mask = o.mask,
               .output = bench.output(o.dtype, want.output.shape),
               .logsumexp = bench.output(accumulator(o.dtype), want.logsumexp.shape),
               .params = o.problem.params};
  bench.check(op, {{op.output, want.output, want.scale, units}, {op.logsumexp, want.logsumexp, spread, units}});
}

TEST_P(Conformance, AttentionForward) {
  rounds(80, [](Bench& bench) { forward(bench, 10); });
}

TEST_P(Conformance, AttentionLongerRows) {
  rounds(6, [](Bench& bench) { forward(bench, 150); });
}

TEST_P(Conformance, AttentionGradients) {
  rounds(40, [](Bench& bench) {
    Operands o = random_operands(bench, 5);
    if (o.q.size() + o.k.size() + o.v.size() > 300) return;
    Result made = attend(o.problem, o.q, o.k, o.v);
    AttentionGrad op{.grad_output = bench.input(o.dtype, made.output.shape),
                     .query = o.query,
                     .key = o.key,
                     .value = o.value,
                     .mask = o.mask,
                     .output = bench.input(o.dtype, made.output),
                     .logsumexp = bench.input(accumulator(o.dtype), made.logsumexp),
                     .params = o.problem.params};
    Array g = bench.load(op.grad_output);
    double units = difference_units(o.dtype) + (o.dtype == DType::kF16 ? 0x1p13 : o.dtype == DType::kBF16 ? 0x1p16 : 0);
    std::vector<Expected> expected;
    auto add = [&](TensorView& view, const Array& x, auto&& f) {
      if (bench.chance(0.2) && !expected.empty()) return;
      Array want = differentiate(f, x, g);
      view = bench.output(o.dtype, x.shape);
      expected.push_back({view, want, Array(x.shape, 32), units});
    };
    add(op.grad_query, o.q, [&](const Array& moved) { return attend(o.problem, moved, o.k, o.v).output; });
    add(op.grad_key, o.k, [&](const Array& moved) { return attend(o.problem, o.q, moved, o.v).output; });
    add(op.grad_value, o.v, [&](const Array& moved) { return attend(o.problem, o.q, o.k, moved).output; });
    bench.check(op, expected);
  });
}

}  // namespace
}  // namespace lineshaft::conformance
