#include "lineshaft/ops/resample.h"

#include "backends/vulkan/ops/resample_by_axes.h"
#include "backends/vulkan/ops/slices.h"
#include "backends/vulkan/planning/index_space.h"
#include "backends/vulkan/planning/resampling.h"

namespace lineshaft::vulkan {
namespace {

void run_points(Context& context, const Resample& op, DType type) {
  TensorView image = context.dense(op.input, type), grid = context.dense(op.grid, type);
  TensorView output = context.dense_output(op.output, type);
  context.run_kernel({.kernel = variant("points", type),
                      .turns = finding_turns() + taps_turns(op.geometry, op.input.rank - 2),
                      .operands = {in(image), in(grid), out(output)},
                      .constants = point_constants(op.geometry),
                      .groups = context.groups_for(output.numel(), 64)},
                     point_push(image, grid, output.numel()));
  context.store(output, op.output);
}

}  // namespace

void run(Context& context, const Resample& op) {
  if (op.output.numel() == 0) return;
  if (ran_in_parts(context, op, op.grid ? 1 : 3)) return;  // images, and channels
  DType type = word_type(op.input.dtype);
  if (type == DType::kF64) context.require_f64("resample");
  if (op.grid) return run_points(context, op, type);
  bool nearest = op.geometry.kind == ResampleKind::kNearest || op.geometry.kind == ResampleKind::kNearestExact;
  TensorView input = context.dense(op.input, type), output = context.dense_output(op.output, type);
  std::string kernel = !nearest              ? variant("resample", type)
                       : type == DType::kF64 ? "resample_nearest_f64"
                       : size_of(type) == 8  ? "resample_nearest_b8"
                                             : "resample_nearest_b4";
  Turns turns = nearest ? loop(3) : regular_turns(op.geometry, input, output, false);
  if (!(turns <= context.turns())) {
    resample_by_axes(context, op.geometry, input, output, false);
    return context.store(output, op.output);
  }
  std::vector<uint32_t> constants = grid_constants(op.geometry);
  if (!nearest) constants.push_back(kept_axes_of(op.geometry, input, output, false));
  context.run_kernel({.kernel = kernel,
                      .turns = turns,
                      .operands = {in(input), out(output)},
                      .constants = constants,
                      .groups = context.groups_for(output.numel(), 64)},
                     grid_push(input, output, output, op.geometry));
  context.store(output, op.output);
}

}  // namespace lineshaft::vulkan
