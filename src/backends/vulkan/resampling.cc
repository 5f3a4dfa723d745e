#include "backends/vulkan/resampling.h"

#include <algorithm>
#include <bit>

#include "ops/kept_axes.h"

namespace lineshaft::vulkan {
namespace {

std::array<uint32_t, 2> scale_words(double scale, DType type) {
  if (type == DType::kF64) return std::bit_cast<std::array<uint32_t, 2>>(scale);
  return {std::bit_cast<uint32_t>(static_cast<float>(scale)), 0};
}

}  // namespace

GridPush grid_push(const TensorView& input, const TensorView& output, const TensorView& written,
                   const ResampleGeometry& geometry) {
  element_count(input.numel());
  element_count(output.numel());
  GridPush push{.count = element_count(written.numel()), .first_axis = 5 - input.rank};
  for (int i = 0; i < input.rank - 2; ++i) {
    int at = push.first_axis + i;
    push.inputs[at] = static_cast<int32_t>(input.sizes[2 + i]);
    push.outputs[at] = static_cast<int32_t>(output.sizes[2 + i]);
    push.scale[at] = scale_words(geometry.scale[i], input.dtype);
  }
  return push;
}

std::vector<uint32_t> grid_constants(const ResampleGeometry& geometry) {
  return {static_cast<uint32_t>(geometry.kind), geometry.align_corners, geometry.antialias};
}

uint32_t kept_axes_of(const ResampleGeometry& geometry, const TensorView& input, const TensorView& output,
                      bool gradient) {
  return kept_axes(geometry, input.shape().subspan(2), output.shape().subspan(2), gradient);
}

Reach reach_of(const ResampleGeometry& geometry, int axis, int64_t inputs, int64_t outputs) {
  double scale = geometry.scale[axis], half_width = geometry.kind == ResampleKind::kCubic ? 2 : 1;
  bool wide = geometry.antialias && scale > 1;
  double support = wide ? half_width * scale : half_width;
  auto at_most = [](double value, int64_t limit) {
    return value < static_cast<double>(limit) ? static_cast<int64_t>(value) : limit;
  };
  // A few elements more for what rounding in f32 shifts.
  double slack = 6 + static_cast<double>(std::max(inputs, outputs)) * 0x1p-20;
  Reach reach{std::min<int64_t>(inputs, 4), outputs};
  if (geometry.antialias) reach.inputs = at_most(2 * support + slack, inputs);
  if (scale > 0) {
    // The first and the last input take what lies beyond them too.
    double last = static_cast<double>(outputs) - (static_cast<double>(inputs) - 2 - support) / scale;
    reach.outputs = at_most(std::max((3 + 2 * support) / scale, last) + slack, outputs);
  }
  return reach;
}

Turns regular_turns(const ResampleGeometry& geometry, const TensorView& input, const TensorView& output,
                    bool gradient) {
  int axes = input.rank - 2;
  Turns turns = kNoLoops, totals = kNoLoops;
  for (int i = 2; i >= 0; --i) {
    int axis = i - (3 - axes);
    Reach reach;
    if (axis >= 0) reach = reach_of(geometry, axis, input.sizes[2 + axis], output.sizes[2 + axis]);
    Turns total = geometry.antialias ? loop(reach.inputs) : kNoLoops;
    turns = gradient ? loop(reach.outputs, total + turns) : loop(reach.inputs, turns);
    if (!(total <= totals)) totals = total;
  }
  return turns + loop(3, totals);
}

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

PointPush point_push(const TensorView& image, const TensorView& grid, int64_t count) {
  element_count(image.numel());
  PointPush push{
      .count = element_count(count), .channels = static_cast<uint32_t>(image.sizes[1]), .axes = image.rank - 2};
  int64_t points = 1;
  for (int i = 0; i < push.axes; ++i) {
    push.size[3 - push.axes + i] = static_cast<int32_t>(image.sizes[2 + i]);
    points *= grid.sizes[1 + i];
  }
  element_count(points * grid.sizes[0] * push.axes);
  push.points = static_cast<uint32_t>(points);
  return push;
}

std::vector<uint32_t> point_constants(const ResampleGeometry& geometry) {
  return {static_cast<uint32_t>(geometry.kind), geometry.align_corners, static_cast<uint32_t>(geometry.padding)};
}

namespace {

int64_t taps_along(const ResampleGeometry& geometry) {
  return geometry.kind == ResampleKind::kNearest ? 1 : geometry.kind == ResampleKind::kCubic ? 4 : 2;
}

}  // namespace

int64_t taps_of(const ResampleGeometry& geometry, int axes) {
  int64_t taps = 1;
  for (int i = 0; i < axes; ++i) taps *= taps_along(geometry);
  return taps;
}

Turns finding_turns() {
  return Turns(3 * loop(4).count);
}

Turns taps_turns(const ResampleGeometry& geometry, int axes) {
  Turns turns = kNoLoops;
  for (int i = 0; i < 3; ++i) turns = loop(i < axes ? taps_along(geometry) : 1, turns);
  return turns;
}

}  // namespace lineshaft::vulkan
