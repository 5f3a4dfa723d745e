// gather and scatter against coordinates in a table; bad indices are reported and harm nothing.
#include <cmath>

#include "conformance/bench.h"

namespace lineshaft::conformance {
namespace {

// A table, some of whose axes are indexed.
struct Problem {
  TensorView table, base;
  Shape space;
  std::vector<int> axes;
  std::vector<TensorView> indices;
  std::vector<int64_t> strides, bounds;
  bool wrap = false;
};

Problem random_problem(Bench& bench, DType dtype, Fill fill) {
  Problem p;
  Shape sizes = bench.shape(1, 4, 12, false);
  p.table = bench.input(dtype, sizes, fill, Layout::kForward);
  p.base = p.table;
  p.space = sizes;
  p.wrap = bench.chance(0.4);
  for (size_t axis = 0; axis < sizes.size(); ++axis) {
    if (bench.chance(0.5) && !(axis + 1 == sizes.size() && p.axes.empty())) continue;
    p.axes.push_back(static_cast<int>(axis));
    p.space[axis] = bench.size(15);
    p.base.sizes[axis] = p.space[axis];
    p.base.strides[axis] = 0;
    p.strides.push_back(p.table.strides[axis]);
    p.bounds.push_back(sizes[axis]);
  }
  for (int64_t bound : p.bounds) {
    DType type = bench.pick({DType::kI64, DType::kI32});
    p.indices.push_back(
        bench.input(type, p.space, {p.wrap ? -static_cast<double>(bound) : 0.0, static_cast<double>(bound - 1)}));
  }
  return p;
}

Shape where_in_table(const Problem& p, const std::vector<Array>& indices, const Shape& at) {
  Shape where = at;
  for (size_t j = 0; j < p.axes.size(); ++j) {
    auto index = static_cast<int64_t>(indices[j](at));
    where[p.axes[j]] = index < 0 ? index + p.bounds[j] : index;
  }
  return where;
}

std::vector<Array> load_indices(Bench& bench, const Problem& p) {
  std::vector<Array> arrays;
  for (const TensorView& view : p.indices) arrays.push_back(bench.load(view));
  return arrays;
}

TEST_P(Conformance, GatherReadsWhereIndicesSay) {
  rounds(150, [](Bench& bench) {
    DType dtype = any_dtype(bench);
    Problem p = random_problem(bench, dtype, {-100, 100, true});
    Gather op{.input = p.base,
              .indices = p.indices,
              .index_strides = p.strides,
              .bounds = p.bounds,
              .wrap = p.wrap,
              .output = bench.output(dtype, p.space)};
    Array table = bench.load(p.table), want(p.space);
    auto indices = load_indices(bench, p);
    for_each_position(p.space, [&](const Shape& at) { want(at) = table(where_in_table(p, indices, at)); });
    bench.check(op, {{op.output, want}});
  });
}

Number combined(ScatterKind kind, Number old, Number source, DType dtype) {
  auto x = static_cast<uint64_t>(is_float(dtype) ? 0 : static_cast<int64_t>(old));
  auto y = static_cast<uint64_t>(is_float(dtype) ? 0 : static_cast<int64_t>(source));
  switch (kind) {
    case ScatterKind::kAssign:
      return source;
    case ScatterKind::kAdd:
      if (dtype == DType::kF64) return static_cast<double>(old) + static_cast<double>(source);
      return stored(is_float(dtype) ? old + source : static_cast<Number>(static_cast<int64_t>(x + y)), dtype);
    case ScatterKind::kMultiply:
      if (dtype == DType::kF64) return static_cast<double>(old) * static_cast<double>(source);
      return stored(is_float(dtype) ? old * source : static_cast<Number>(static_cast<int64_t>(x * y)), dtype);
    case ScatterKind::kMin:
      return std::min(old, source);
    default:
      return std::max(old, source);
  }
}

TEST_P(Conformance, ScatterIsAsIfDoneInOrder) {
  rounds(200, [](Bench& bench) {
    DType dtype = any_dtype(bench);
    Problem p = random_problem(bench, dtype, {-3, 3});
    Scatter op{.kind = static_cast<ScatterKind>(bench.uniform(0, 4)),
               .target = p.base,
               .indices = p.indices,
               .index_strides = p.strides,
               .bounds = p.bounds,
               .wrap = p.wrap,
               .source = bench.input(dtype, p.space, {-3, 3})};
    Array table = bench.load(p.table), source = bench.load(op.source);
    auto indices = load_indices(bench, p);
    for_each_position(p.space, [&](const Shape& at) {
      Shape where = where_in_table(p, indices, at);
      table(where) = combined(op.kind, table(where), source(at), dtype);
    });
    bench.check(op, {{p.table, table}}, {p.table});
  });
}

TEST_P(Conformance, IndicesOutsideTheirBoundsAreReportedAndHarmNothing) {
  rounds(20, [](Bench& bench) {
    DType dtype = any_dtype(bench);
    TensorView table = bench.input(dtype, Shape{5, 3}, {1, 3}, Layout::kForward);
    Array index({4, 3}), source = bench.load(table);
    int64_t bad = bench.pick<int64_t>({5, -1, 1000, -7, INT32_MAX, INT32_MIN});
    for_each_position(index.shape, [&](const Shape& at) { index(at) = static_cast<Number>(at[0] == 2 ? bad : at[0]); });
    std::vector<TensorView> indices{bench.input(bench.pick({DType::kI64, DType::kI32}), index)};
    std::vector<int64_t> strides{table.strides[0]}, bounds{5};
    TensorView base = table;
    base.sizes[0] = 4;
    base.strides[0] = 0;
    Gather gather{.input = base,
                  .indices = indices,
                  .index_strides = strides,
                  .bounds = bounds,
                  .wrap = bench.chance(0.5) && bad != -1,
                  .output = bench.output(dtype, Shape{4, 3})};
    std::string error = bench.error_of(gather);
    EXPECT_NE(error.find(std::to_string(bad)), std::string::npos) << error;
    EXPECT_NE(error.find("4"), std::string::npos) << "names the bound: " << error;
    Array want({4, 3});
    for_each_position(want.shape, [&](const Shape& at) { want(at) = at[0] == 2 ? 0 : source(at); });
    bench.adopt(gather.output, want);  // what the failed run wrote

    Scatter scatter{.kind = ScatterKind::kAssign,
                    .target = base,
                    .indices = indices,
                    .index_strides = strides,
                    .bounds = bounds,
                    .wrap = gather.wrap,
                    .source = bench.input(dtype, Shape{4, 3}, {1, 3})};
    Array written = bench.load(scatter.source), after = source;
    EXPECT_NE(bench.error_of(scatter).find(std::to_string(bad)), std::string::npos);
    for_each_position(want.shape, [&](const Shape& at) {
      if (at[0] != 2) after(at) = written(at);
    });
    bench.adopt(table, after);
  });
}

TEST_P(Conformance, AConditionThatDoesNotHoldIsReported) {
  rounds(20, [](Bench& bench) {
    Shape shape = bench.shape(0, 4, bench.chance(0.2) ? 90 : 6);
    if (product(shape) > 100'000) return;
    Array values(shape);
    bool holds = values.size() == 0 || bench.chance(0.5);
    for (Number& value : values.data) value = 1;
    if (!holds) values.data[static_cast<size_t>(bench.uniform(0, values.size() - 1))] = 0;
    Check check{.requirement = Requirement::kDeviation, .condition = bench.input(DType::kBool, values)};
    if (holds) return bench.check(check, {});
    std::string error = bench.error_of(check);
    EXPECT_NE(error.find("normal expects all elements of std >= 0.0"), std::string::npos) << error;
  });
}

}  // namespace
}  // namespace lineshaft::conformance
