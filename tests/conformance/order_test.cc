// sort, topk and compact: exact.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "conformance/bench.h"

namespace lineshaft::conformance {
namespace {

// NaN is larger than every number; equal values keep their order.
std::vector<int64_t> order_of(const std::vector<Number>& v, bool descending) {
  std::vector<int64_t> order(v.size());
  std::iota(order.begin(), order.end(), 0);
  auto less = [&](Number a, Number b) { return !std::isnan(a) && (std::isnan(b) || a < b); };
  std::stable_sort(order.begin(), order.end(),
                   [&](int64_t a, int64_t b) { return descending ? less(v[b], v[a]) : less(v[a], v[b]); });
  return order;
}

struct Ordered {
  Array values, indices;
};

Ordered ordered(const Array& x, int axis, bool descending, int64_t keep) {
  Shape shape = x.shape, lines = x.shape;
  int64_t length = x.shape[axis];
  shape[axis] = keep;
  lines[axis] = std::min<int64_t>(1, length);
  Ordered r{Array(shape), Array(shape)};
  for_each_position(lines, [&](Shape at) {
    std::vector<Number> line;
    for (at[axis] = 0; at[axis] < length; ++at[axis]) line.push_back(x(at));
    auto order = order_of(line, descending);
    for (at[axis] = 0; at[axis] < keep; ++at[axis]) {
      r.values(at) = line[order[at[axis]]];
      r.indices(at) = static_cast<Number>(order[at[axis]]);
    }
  });
  return r;
}

Shape random_lines(Bench& bench, int* axis) {
  Shape shape = bench.shape(1, 4, 12);
  *axis = static_cast<int>(bench.uniform(0, static_cast<int64_t>(shape.size()) - 1));
  if (bench.chance(0.15)) shape = Shape{bench.uniform(1, 3), bench.uniform(300, 5000)}, *axis = 1;
  return shape;
}

TEST_P(Conformance, SortIsStable) {
  rounds(120, [](Bench& bench) {
    int axis;
    Shape shape = random_lines(bench, &axis);
    DType dtype = any_dtype(bench);
    Sort op{.axis = axis, .descending = bench.chance(0.5), .input = bench.input(dtype, shape, {-6, 6, true})};
    Ordered want = ordered(bench.load(op.input), axis, op.descending, shape[axis]);
    std::vector<Expected> expected;
    if (bench.chance(0.8)) {
      op.values = bench.output(dtype, shape);
      expected.push_back({op.values, want.values});
    }
    op.indices = bench.output(DType::kI64, shape);
    expected.push_back({op.indices, want.indices});
    bench.check(op, expected);
  });
}

TEST_P(Conformance, TopKIsTheHeadOfTheSort) {
  rounds(120, [](Bench& bench) {
    int axis;
    Shape shape = random_lines(bench, &axis), kept = shape;
    DType dtype = any_dtype(bench);
    kept[axis] = bench.uniform(0, shape[axis]);
    TopK op{.axis = axis, .largest = bench.chance(0.5), .input = bench.input(dtype, shape, {-6, 6, true})};
    Ordered want = ordered(bench.load(op.input), axis, op.largest, kept[axis]);
    op.values = bench.output(dtype, kept);
    op.indices = bench.output(DType::kI64, kept);
    bench.check(op, {{op.values, want.values}, {op.indices, want.indices}});
  });
}

TEST_P(Conformance, CompactNumbersWhatIsNotZero) {
  rounds(80, [](Bench& bench) {
    Shape shape = bench.shape(0, 4, bench.chance(0.2) ? 200 : 12);
    if (product(shape) > 50'000) return;
    Compact op{.mask = bench.input(any_dtype(bench), shape, {-1, 1, true})};
    Array mask = bench.load(op.mask), positions({mask.size()}), count(Shape{});
    int64_t found = 0;
    for (int64_t i = 0; i < mask.size(); ++i)
      if (mask.data[i] != 0) positions.data[found++] = static_cast<Number>(i);
    count.data[0] = static_cast<Number>(found);
    op.positions = bench.output(DType::kI64, positions.shape);
    op.count = bench.output(DType::kI64, Shape{});
    bench.check(op, {{.view = op.positions, .value = positions, .elements = found}, {op.count, count}});
  });
}

}  // namespace
}  // namespace lineshaft::conformance
