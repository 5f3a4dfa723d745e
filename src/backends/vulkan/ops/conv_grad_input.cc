#include "lineshaft/ops/conv_grad_input.h"

#include <algorithm>

#include "backends/vulkan/ops/conv_plan.h"

namespace lineshaft::vulkan {
namespace {

struct ColumnsPush {  // of col2im.comp
  std::array<int32_t, 4> first, end;
  uint32_t count, channels, windows, base, image_stride;
};

void sum_columns(Context& context, const WindowGeometry& geometry, const TensorView& received, const TensorView& result,
                 ColumnsPush push) {
  std::array<int64_t, 3> taps{};  // of an element
  for (int i = 0; i < 3; ++i) {
    int64_t reach = int64_t{geometry.output_size[i] - 1} * geometry.stride[i];
    taps[i] = std::min<int64_t>(geometry.kernel[i], reach / geometry.dilation[i] + 1);
  }
  for (const LoopPart& part : loop_parts(taps, context.turns())) {
    push.first = part.first;
    push.end = part.end;
    context.run_kernel({.kernel = variant("col2im", received.dtype),
                        .turns = part.turns,
                        .operands = {in(received), out(result)},
                        .groups = context.groups_for(push.count, 64),
                        .params = std::as_bytes(std::span(&geometry, 1))},
                       push);
  }
}

}  // namespace

// What each window's elements receive is a product of the transposed weights with the gradient; col2im sums it.
void run(Context& context, const ConvGradInput& op) {
  if (op.output.numel() == 0) return;
  ConvPlan plan(context, op.output, op.weight, op.grad_output, op.geometry, op.weight.dtype, "conv_grad_input");
  TensorView result =
      op.epilogue.program ? context.scratch(plan.type, op.output.shape()) : context.dense_output(op.output, plan.type);
  if (plan.windows * plan.images * plan.filters == 0) {
    context.fill(result, 0);
    return context.finish(result, op.epilogue, op.output);
  }
  TensorView weight = context.dense(op.weight, plan.operand), gradient = context.dense(op.grad_output, plan.operand);
  WindowGeometry geometry = window_geometry(result, op.weight, op.grad_output, op.geometry);
  int64_t plane = result.numel() / (plan.images * plan.groups * plan.channels), x = plan.windows;  // of one channel
  std::vector<ConvSlice> slices = plan.slices(plan.elements() + plan.filters, true);
  // A part of the channels at a time where one image's windows are too many.
  int64_t channel_bytes = plan.taps * x * size_of(plan.type);
  int64_t at_once = std::clamp<int64_t>(context.slice_bytes() / channel_bytes, 1, plan.channels);
  ScratchTurns parts(context);
  for (int64_t g = 0; g < plan.groups; ++g) {
    for (int64_t channel = 0; channel < plan.channels; channel += at_once) {
      parts.next();
      int64_t channels = std::min(at_once, plan.channels - channel), elements = channels * plan.taps;
      Packed rows = pack_rows(context, plan.weight_columns(weight, g, channel, channels));
      ScratchTurns turns(context);
      for (const ConvSlice& slice : slices) {
        turns.next();
        Packed columns = pack_panels(context, plan.gradient_columns(gradient, g, slice));
        TensorView received = context.scratch(plan.type, {elements, slice.windows()});
        multiply(context, rows, columns, {.view = received, .row_stride = slice.windows()}, elements, slice.windows(),
                 1, false);
        int64_t image_stride = plan.groups * plan.channels * plane;
        ProductTarget target =
            target_from(context, result, slice.image * image_stride + (g * plan.channels + channel) * plane,
                        (slice.images - 1) * image_stride + channels * plane);
        ColumnsPush push{};
        push.count = static_cast<uint32_t>(slice.images * channels * plane);
        push.channels = static_cast<uint32_t>(channels);
        push.windows = static_cast<uint32_t>(slice.windows());
        push.base = static_cast<uint32_t>(target.base);
        push.image_stride = static_cast<uint32_t>(image_stride);
        sum_columns(context, geometry, received, target.view, push);
      }
    }
  }
  context.finish(result, op.epilogue, op.output);
}

}  // namespace lineshaft::vulkan
