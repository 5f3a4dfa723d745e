// search_sorted against the steps of its header, and against counts where what is searched is sorted.
#include <algorithm>
#include <cmath>

#include "conformance/bench.h"

namespace lineshaft::conformance {
namespace {

// A table that is searched along one axis, among whose other axes some are broadcast.
struct Searched {
  TensorView table, base;
  Array rows;  // of the table
  int axis = 0;
  int64_t stride = 0, bound = 0;

  // `space`: the sizes of the values.
  Searched(Bench& bench, DType dtype, const Array& elements, int axis, const Shape& space)
      : table(bench.laid_out(dtype, elements)), base(table), rows(bench.load(table)), axis(axis) {
    stride = table.strides[axis];
    bound = table.sizes[axis];
    for (size_t i = 0; i < space.size(); ++i) {
      if (static_cast<int>(i) == axis || table.sizes[i] == 1) base.strides[i] = 0;
      base.sizes[i] = space[i];
    }
  }
  std::vector<Number> row(const Shape& at) const {
    Shape where = at;
    for (size_t i = 0; i < where.size(); ++i)
      if (rows.shape[i] == 1) where[i] = 0;
    std::vector<Number> elements;
    for (where[axis] = 0; where[axis] < bound; ++where[axis]) elements.push_back(rows(where));
    return elements;
  }
};

int64_t by_steps(const std::vector<Number>& row, Number value, bool right) {
  int64_t low = 0, high = static_cast<int64_t>(row.size());
  while (low < high) {
    int64_t middle = (low + high) / 2;
    if (right ? row[middle] > value : row[middle] >= value)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

int64_t by_counting(const std::vector<Number>& row, Number value, bool right) {
  return std::ranges::count_if(
      row, [&](Number each) { return std::isnan(value) || (right ? each <= value : each < value); });
}

bool has_nan(const std::vector<Number>& row) {
  return std::ranges::any_of(row, [](Number each) { return std::isnan(each); });
}

// Elements of the dtype, in order along the axis (NaN last) or not.
Array random_table(Bench& bench, DType dtype, const Shape& sizes, int axis, bool sorted) {
  Array table = bench.load(bench.input(dtype, sizes, {-6, 6, true}, Layout::kForward));
  if (!sorted) return table;
  Shape lines = sizes;
  lines[axis] = std::min<int64_t>(1, sizes[axis]);
  for_each_position(lines, [&](Shape at) {
    std::vector<Number> line;
    for (at[axis] = 0; at[axis] < sizes[axis]; ++at[axis]) line.push_back(table(at));
    std::ranges::sort(line, [](Number a, Number b) { return !std::isnan(a) && (std::isnan(b) || a < b); });
    for (at[axis] = 0; at[axis] < sizes[axis]; ++at[axis]) table(at) = line[at[axis]];
  });
  return table;
}

void check_search(Bench& bench, DType dtype, const Searched& searched, const Shape& space, bool sorted) {
  const std::vector<int64_t> strides{searched.stride}, bounds{searched.bound};
  SearchSorted op{.sequence = searched.base,
                  .index_strides = strides,
                  .bounds = bounds,
                  .right = bench.chance(0.5),
                  .values = bench.input(dtype, space, {-7, 7, true}),
                  .output = bench.output(bench.pick({DType::kI64, DType::kI32}), space)};
  Array values = bench.load(op.values), want(space);
  for_each_position(space, [&](const Shape& at) {
    std::vector<Number> row = searched.row(at);
    int64_t place = by_steps(row, values(at), op.right);
    if (sorted && !has_nan(row)) {
      ASSERT_EQ(place, by_counting(row, values(at), op.right));
    }
    want(at) = static_cast<Number>(place);
  });
  bench.check(op, {{op.output, want}});
}

TEST_P(Conformance, SearchSortedFollowsItsSteps) {
  rounds(200, [](Bench& bench) {
    DType dtype = any_dtype(bench);
    Shape space = bench.shape(1, 4, 9), sizes = space;
    int axis = static_cast<int>(bench.uniform(0, static_cast<int64_t>(space.size()) - 1));
    sizes[axis] = bench.pick<int64_t>({0, 1, 2, 3, 8, bench.uniform(1, 40)});
    for (size_t i = 0; i < sizes.size(); ++i)
      if (static_cast<int>(i) != axis && bench.chance(0.3)) sizes[i] = 1;
    bool sorted = bench.chance(0.6);
    Searched searched(bench, dtype, random_table(bench, dtype, sizes, axis, sorted), axis, space);
    check_search(bench, dtype, searched, space, sorted);
  });
}

// One for all values.
TEST_P(Conformance, SearchSortedOfLongSequences) {
  rounds(6, [](Bench& bench) {
    for (int64_t size : {int64_t{1}, int64_t{2}, int64_t{70'000}, int64_t{300'001}}) {
      DType dtype = any_dtype(bench);
      const Shape sizes{size}, space{bench.uniform(1, 9)};
      Searched searched(bench, dtype, random_table(bench, dtype, sizes, 0, true), 0, space);
      check_search(bench, dtype, searched, space, true);
    }
  });
}

TEST_P(Conformance, SearchSortedOfAValueWithoutAxes) {
  rounds(4, [](Bench& bench) {
    Array sequence(Shape{5}), value(Shape{}), want(Shape{});
    for (int64_t i = 0; i < 5; ++i) sequence.at(i) = static_cast<Number>(10 * i);
    value.data[0] = 20;
    TensorView first = bench.input(DType::kF32, sequence);
    first.rank = 0;
    const std::vector<int64_t> strides{1}, bounds{5};
    SearchSorted op{.sequence = first,
                    .index_strides = strides,
                    .bounds = bounds,
                    .right = bench.chance(0.5),
                    .values = bench.input(DType::kF32, value),
                    .output = bench.output(DType::kI64, Shape{})};
    want.data[0] = op.right ? 3 : 2;
    bench.check(op, {{op.output, want}});
  });
}

}  // namespace
}  // namespace lineshaft::conformance
