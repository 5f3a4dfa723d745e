#include "lineshaft/ops/conv.h"

#include "backends/vulkan/ops/conv_plan.h"

namespace lineshaft::vulkan {

// A product of the weights with the input's windows, a slice of them at a time.
void run(Context& context, const Conv& op) {
  if (op.output.numel() == 0) return;
  ConvPlan plan(context, op.input, op.weight, op.output, op.geometry, op.input.dtype, "conv");
  TensorView input = plan.source(op.input), weight = context.dense(op.weight, plan.operand);
  TensorView result =
      op.epilogue.program ? context.scratch(plan.type, op.output.shape()) : context.dense_output(op.output, plan.type);
  if (plan.elements() == 0) {
    context.fill(result, 0);
    return context.finish(result, op.epilogue, op.output);
  }
  WindowGeometry geometry = window_geometry(input, op.weight, op.output, op.geometry);
  int64_t x = plan.windows;
  std::vector<ConvSlice> slices = plan.slices(plan.elements());
  ScratchTurns groups(context);
  for (int64_t g = 0; g < plan.groups; ++g) {
    groups.next();
    Packed rows = pack_rows(context, plan.weight_rows(weight, g));
    ScratchTurns turns(context);
    for (const ConvSlice& slice : slices) {
      turns.next();
      Packed windows = plan.pack(input, g, slice, geometry, false);
      int64_t image_stride = plan.groups * plan.filters * x;
      ProductTarget target =
          target_from(context, result, slice.image * image_stride + g * plan.filters * x + slice.first,
                      (slice.images - 1) * image_stride + (plan.filters - 1) * x + slice.count);
      target.row_stride = x;
      target.split = slice.count;
      target.outer_stride = image_stride;
      multiply(context, rows, windows, target, plan.filters, slice.windows(), 1, false);
    }
  }
  context.finish(result, op.epilogue, op.output);
}

}  // namespace lineshaft::vulkan
