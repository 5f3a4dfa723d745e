#include "lineshaft/ops/resample_grad.h"

#include <algorithm>

#include "backends/vulkan/ops/resample_by_axes.h"
#include "backends/vulkan/ops/row_sort.h"
#include "backends/vulkan/ops/slices.h"
#include "backends/vulkan/planning/parts.h"
#include "backends/vulkan/planning/resampling.h"

namespace lineshaft::vulkan {
namespace {

void run_regular(Context& context, const ResampleGrad& op, DType type) {
  TensorView given = context.dense(op.grad_output, type), result = context.dense_output(op.grad_input, type);
  Turns turns = regular_turns(op.geometry, result, given, true);
  if (!(turns <= context.turns())) {
    resample_by_axes(context, op.geometry, given, result, true);
    return context.store(result, op.grad_input);
  }
  std::vector<uint32_t> constants = grid_constants(op.geometry);
  constants.push_back(kept_axes_of(op.geometry, result, given, true));
  context.run_kernel({.kernel = variant("resample_grad", type),
                      .turns = turns,
                      .operands = {in(given), out(result)},
                      .constants = constants,
                      .groups = context.groups_for(result.numel(), 64)},
                     grid_push(result, given, result, op.geometry));
  context.store(result, op.grad_input);
}

int64_t taps_each(const ResampleGrad& op) {
  int64_t each = 1;
  for (int i = 2; i < op.grad_input.rank; ++i)
    each *= op.geometry.kind == ResampleKind::kNearest ? 1 : op.geometry.kind == ResampleKind::kCubic ? 4 : 2;
  return each;
}
int64_t entries_of(const ResampleGrad& op) {
  return op.grid.numel() / op.grid.sizes[op.grid.rank - 1] * taps_each(op);
}

// Every tap of every point is an entry; sorted by the element it reads, each element's entries are summed in order.
void run_points_input(Context& context, const ResampleGrad& op, DType type, const TensorView& grid,
                      const TensorView& given) {
  TensorView result = context.dense_output(op.grad_input, type);
  context.fill(result, 0);
  int64_t points = grid.numel() / grid.sizes[grid.rank - 1];
  int64_t each = taps_each(op), entries = points * each;
  if (entries > 0) {
    TensorView elements = context.scratch(DType::kI32, {entries}), weights = context.scratch(type, {entries});
    std::vector<uint32_t> constants = point_constants(op.geometry);
    constants.push_back(static_cast<uint32_t>(each));
    context.run_kernel({.kernel = variant("points_spread", type),
                        .turns = finding_turns() + taps_turns(op.geometry, op.grad_input.rank - 2) + loop(each),
                        .operands = {in(grid), out(elements), out(weights)},
                        .constants = constants,
                        .groups = context.groups_for(points, 64)},
                       point_push(op.grad_input, grid, points));
    SortedRows sorted = sort_rows(context, elements, 1, entries, KeyKind::kRaw, false);
    int64_t channels = op.grad_input.sizes[1], images = op.grad_input.sizes[0];
    struct {
      uint32_t channels, points, taps_each, area, first, end;
    } push{static_cast<uint32_t>(channels),
           static_cast<uint32_t>(points / images),
           static_cast<uint32_t>(each),
           static_cast<uint32_t>(result.numel() / (images * channels)),
           0,
           0};
    element_count(entries * channels);
    int64_t step = longest_loop(context.turns());
    for (int64_t first = 0; first < entries; first += step) {
      int64_t count = std::min(step, entries - first);
      push.first = static_cast<uint32_t>(first);
      push.end = static_cast<uint32_t>(first + count);
      context.run_kernel({.kernel = variant("points_collect", type),
                          .turns = loop(count),
                          .operands = {in(sorted.keys), in(sorted.positions), in(weights), in(given), out(result)},
                          .groups = context.groups_for(count * channels, 64)},
                         push);
    }
  }
  context.store(result, op.grad_input);
}

void run_points_grid(Context& context, const ResampleGrad& op, DType type, const TensorView& grid,
                     const TensorView& given) {
  TensorView image = context.dense(op.input, type), result = context.dense_output(op.grad_grid, type);
  int64_t points = grid.numel() / grid.sizes[grid.rank - 1], channels = image.sizes[1];
  PointPush push = point_push(image, grid, points);
  Turns each = taps_turns(op.geometry, image.rank - 2) + loop(3), beside = finding_turns() + Turns(2 * loop(3).count);
  int64_t step = longest_loop(context.turns(), each, beside);
  for (int64_t first = 0; first < std::max<int64_t>(channels, 1); first += step) {
    int64_t count = std::min(step, channels - first);
    push.first_channel = static_cast<uint32_t>(first);
    push.end_channel = static_cast<uint32_t>(first + count);
    context.run_kernel({.kernel = variant("points_grad_grid", type),
                        .turns = beside + loop(count, each),
                        .operands = {in(image), in(grid), in(given), out(result)},
                        .constants = point_constants(op.geometry),
                        .groups = context.groups_for(points, 64)},
                       push);
  }
  context.store(result, op.grad_grid);
}

}  // namespace

void run(Context& context, const ResampleGrad& op) {
  if (ran_in_parts(context, op, op.grid ? 1 : 3)) return;  // images, and channels
  DType type = accumulate_type(op.grad_output.dtype);
  if (type == DType::kF64) context.require_f64("resample_grad");
  if (!op.grid) {
    if (op.grad_input.numel() > 0) run_regular(context, op, type);
    return;
  }
  if (op.grad_input && op.grad_input.sizes[0] > 1 && entries_of(op) * op.grad_input.sizes[1] > most_elements())
    return in_halves(op, 0, op.grad_input.sizes[0], [&](const ResampleGrad& part, int64_t) { run(context, part); });
  TensorView grid = context.dense(op.grid, type), given = context.dense(op.grad_output, type);
  if (op.grad_input && op.grad_input.numel() > 0) run_points_input(context, op, type, grid, given);
  if (op.grad_grid && op.grad_grid.numel() > 0) run_points_grid(context, op, type, grid, given);
}

}  // namespace lineshaft::vulkan
