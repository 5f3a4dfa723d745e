#include "backends/vulkan/ops/reduce_rows.h"

#include <algorithm>
#include <cmath>

#include "backends/vulkan/ops/slices.h"
#include "base/divide.h"

namespace lineshaft::vulkan {
namespace {

int64_t least_segments(const Context& context, const Rows& rows) {
  return least_segments(rows, context.turns());
}
int64_t segments_of(const Context& context, const Rows& rows) {
  return segments_of(rows, context.features().tuning().reduction_parts, context.turns());
}

}  // namespace

Rows rows_of(Context& context, const TensorView& view, uint8_t axes, DType type, bool adjacent) {
  std::vector<int64_t> runs = runs_of(view, axes);
  runs.resize(std::max<size_t>(runs.size(), 3), 1);
  Rows rows;
  if (runs.size() > 5 || (adjacent && runs.size() > 3)) {
    rows.values = context.dense(kept_first(view, axes), type);
    for (size_t i = 0; i < runs.size(); ++i) (i % 2 ? rows.length : rows.outer) *= runs[i];
    return rows;
  }
  rows.values = context.dense(view, type);
  rows.outer = runs[0];
  if (runs.size() <= 3) {
    rows.length = runs[1];
    rows.inner = runs[2];
    return rows;
  }
  runs.resize(5, 1);
  rows.leading = runs[1];
  rows.between = runs[2];
  rows.length = runs[3];
  rows.inner = runs[4];
  return rows;
}

namespace {

Reduced launch_reduction(Context& context, const Rows& rows, RowsKind kind, bool positions, const TensorView& index,
                         int64_t segments, bool fours) {
  DType type = rows.values.dtype;
  int64_t count = rows.kept() * segments;
  Reduced result{context.scratch(type, {fours ? count * 4 : count}), {}};
  if (positions) result.positions = context.scratch(DType::kI32, {count});
  struct {
    uint32_t count, length, segments, inner;
  } push{static_cast<uint32_t>(count), static_cast<uint32_t>(rows.length), static_cast<uint32_t>(segments),
         static_cast<uint32_t>(rows.inner)};
  // Bindings that a variant does not use hold anything.
  context.run_kernel({.kernel = fours ? "reduce_f32x4" : "reduce_" + suffix_of(type),
                      .turns = loop(rows.length / segments + 1),
                      .operands = {in(rows.values), out(result.values), in(index ? index : rows.values),
                                   out(positions ? result.positions : result.values)},
                      .constants = {static_cast<uint32_t>(kind), positions, !index},
                      .groups = context.groups_for(count, 64)},
                     push);
  return result;
}

// What the elements of rows stand for: each for itself, or for `each` of every (length)th of `elements` (moments.comp).
struct Joined {
  TensorView squares;
  int64_t elements = 0, each = 1;
};

Moments launch_moments(Context& context, const Rows& rows, const Joined& joined, int64_t segments, bool fours) {
  DType type = rows.values.dtype;
  int64_t count = rows.kept() * segments, stored = fours ? count * 4 : count;
  Moments result{context.scratch(type, {stored}), context.scratch(type, {stored})};
  struct {
    uint32_t count, length, segments, inner, elements, each;
  } push{static_cast<uint32_t>(count),      static_cast<uint32_t>(rows.length),     static_cast<uint32_t>(segments),
         static_cast<uint32_t>(rows.inner), static_cast<uint32_t>(joined.elements), static_cast<uint32_t>(joined.each)};
  const TensorView& squares = joined.squares ? joined.squares : rows.values;
  context.run_kernel({.kernel = fours ? "moments_f32x4" : variant("moments", type),
                      .turns = loop(rows.length / segments + 1),
                      .operands = {in(rows.values), in(squares), out(result.mean), out(result.squares)},
                      .constants = {!joined.squares},
                      .groups = context.groups_for(count, 64)},
                     push);
  return result;
}

}  // namespace

Reduced reduce_rows(Context& context, const Rows& rows, RowsKind kind, bool positions) {
  if (rows.values.dtype == DType::kF64) context.require_f64("a reduction");
  if (rows.leading > 1) {
    Reduced inner = reduce_rows(context, last_run(rows), kind, false);
    return reduce_rows(context, leading_run(inner.values, rows), kind, false);
  }
  bool fours = (kind == RowsKind::kSum || kind == RowsKind::kProd) && takes_fours(rows);
  Rows first = fours ? in_fours(rows) : rows;
  int64_t segments = segments_of(context, first);
  Reduced result = launch_reduction(context, first, kind, positions, {}, segments, fours);
  Rows rest = parts_of(result.values, rows, segments, fours);
  while (rest.length > 1) {
    segments = least_segments(context, rest);
    result = launch_reduction(context, rest, kind, positions, result.positions, segments, false);
    rest = parts_of(result.values, rest, segments, false);
  }
  return result;
}

TensorView sum_of_map(Context& context, ProgramRef program, std::span<const TensorView> inputs, uint8_t axes,
                      DType type, std::span<const int64_t> kept) {
  auto sum = [&](const TensorView& values, uint8_t over, std::span<const int64_t> sizes) {
    return dense_as(reduce_rows(context, rows_of(context, values, over, type), RowsKind::kSum, false).values, sizes);
  };
  auto sum_of = [&](std::vector<TensorView> views, std::span<const int64_t> sizes) {
    TensorView values = context.scratch(type, views[0].shape());
    context.map(program, views, List<TensorView>(&values, 1));
    return sum(values, axes, sizes);
  };
  const TensorView& first = inputs[0];
  int axis = 0;
  while (axis + 1 < first.rank && first.sizes[axis] == 1) ++axis;
  int64_t size = first.rank ? first.sizes[axis] : 1;
  int64_t step =
      std::max<int64_t>(context.slice_bytes() * size / std::max<int64_t>(first.numel() * size_of(type), 1), 1);
  if (step >= size) return sum_of({inputs.begin(), inputs.end()}, kept);
  bool reduced = axes >> axis & 1;
  std::vector<int64_t> sizes(kept.begin(), kept.end());
  sizes[axis] = reduced ? divide_up(size, step) : size;
  TensorView sums = context.scratch(type, sizes);
  auto add_up = [&] {
    ScratchTurns turns(context);
    for (int64_t at = 0; at < size; at += step) {
      turns.next();
      int64_t count = std::min(step, size - at);
      std::vector<TensorView> views;
      for (const TensorView& input : inputs) views.push_back(narrowed(input, axis, at, count));
      TensorView target = reduced ? narrowed(sums, axis, at / step, 1) : narrowed(sums, axis, at, count);
      bool large = views[0].numel() > most_elements();
      context.copy(
          large ? sum_of_map(context, program, views, axes, type, target.shape()) : sum_of(views, target.shape()),
          target);
    }
  };
  add_up();
  return reduced ? sum(sums, static_cast<uint8_t>(1u << axis), kept) : sums;
}

namespace {

// Joins the moments of parts, of which `rest` holds the means: part s of n is every nth of `elements` from s on, each
// standing for `each`.
Moments join_moments(Context& context, Rows rest, Moments moments, int64_t elements, int64_t each) {
  while (rest.length > 1) {
    int64_t segments = least_segments(context, rest);
    moments = launch_moments(context, rest, {moments.squares, elements, each}, segments, false);
    rest = parts_of(moments.mean, rest, segments, false);
  }
  return moments;
}

}  // namespace

Moments moments_of_rows(Context& context, const Rows& all) {
  if (all.elements() == 0) {  // a kernel's 0 / 0 need not be NaN
    DType type = all.values.dtype;
    Moments none{context.scratch(type, {all.kept()}), context.scratch(type, {all.kept()})};
    context.fill(none.mean, NAN);
    context.fill(none.squares, 0);
    return none;
  }
  Rows rows = last_run(all);
  bool fours = takes_fours(rows);
  Rows first = fours ? in_fours(rows) : rows;
  int64_t segments = segments_of(context, first);
  Moments result = launch_moments(context, first, {{}, rows.length}, segments, fours);
  result = join_moments(context, parts_of(result.mean, rows, segments, fours), result, rows.length, 1);
  return join_moments(context, leading_run(result.mean, all), result, all.leading, rows.length);
}

}  // namespace lineshaft::vulkan
