#include "backends/vulkan/ops/resample_by_axes.h"

#include <algorithm>

namespace lineshaft::vulkan {
namespace {

struct AxisPush {  // common/resample_axis_push.glsl
  uint32_t count;
  int32_t inputs, outputs, inner, first, end;
  uint32_t last, unused;
  std::array<uint32_t, 2> scale;
};

// Runs a kernel over `terms` of each element, in parts.
void run_axis(Context& context, KernelCall call, AxisPush push, int64_t terms) {
  int64_t step = longest_loop(context.turns());
  for (int64_t first = 0; first < terms; first += step) {
    push.first = static_cast<int32_t>(first);
    push.end = static_cast<int32_t>(std::min(first + step, terms));
    push.last = first + step >= terms;
    call.turns = loop(push.end - push.first);
    context.run_kernel(call, push);
  }
}

}  // namespace

void resample_by_axes(Context& context, const ResampleGeometry& geometry, const TensorView& source,
                      const TensorView& target, bool gradient) {
  DType type = source.dtype;
  uint32_t kept = kept_axes_of(geometry, gradient ? target : source, gradient ? source : target, gradient);
  auto keeps = [&](int axis) { return kept >> (axis - 2) & 1; };
  int last = 2;
  while (last < source.rank && keeps(last)) ++last;
  if (last == source.rank) return context.copy(source, target);
  TensorView current = source;
  for (int axis = source.rank - 1; axis >= last; --axis) {
    if (keeps(axis)) continue;
    std::vector<int64_t> sizes(current.shape().begin(), current.shape().end());
    sizes[axis] = target.sizes[axis];
    TensorView next = axis == last ? target : context.scratch(type, sizes);
    int64_t inputs = (gradient ? target : source).sizes[axis], outputs = (gradient ? source : target).sizes[axis];
    Reach reach = reach_of(geometry, axis - 2, inputs, outputs);
    AxisPush push{.count = element_count(next.numel()),
                  .inputs = static_cast<int32_t>(inputs),
                  .outputs = static_cast<int32_t>(outputs),
                  .inner = static_cast<int32_t>(current.strides[axis]),
                  .scale = scale_words(geometry.scale[axis - 2], type)};
    std::vector<uint32_t> constants = grid_constants(geometry);
    TensorView totals = context.scratch(type, {outputs});
    if (geometry.antialias)
      run_axis(context,
               {.kernel = variant("resample_totals", type),
                .turns = kNoLoops,
                .operands = {out(totals)},
                .constants = constants,
                .groups = context.groups_for(outputs, 64)},
               push, reach.inputs);
    else
      context.fill(totals, 1);
    constants.push_back(gradient);
    run_axis(context,
             {.kernel = variant("resample_axis", type),
              .turns = kNoLoops,
              .operands = {in(current), in(totals), out(next)},
              .constants = constants,
              .groups = context.groups_for(next.numel(), 64)},
             push, gradient ? reach.outputs : reach.inputs);
    current = next;
  }
}

}  // namespace lineshaft::vulkan
