#include "lineshaft/ops/conv_grad_weight.h"

#include <utility>

#include "backends/vulkan/ops/conv_plan.h"

namespace lineshaft::vulkan {

// A product of the gradient with the transposed windows, summed over slices in order.
void run(Context& context, const ConvGradWeight& op) {
  if (op.output.numel() == 0) return;
  ConvPlan plan(context, op.input, op.output, op.grad_output, op.geometry, op.input.dtype, "conv_grad_weight");
  TensorView result = context.dense_output(op.output, plan.type);
  if (plan.windows * plan.images == 0) {
    context.fill(result, 0);
    return context.store(result, op.output);
  }
  TensorView input = plan.source(op.input), gradient = context.dense(op.grad_output, plan.operand);
  WindowGeometry geometry = window_geometry(input, op.output, op.grad_output, op.geometry);
  int64_t elements = plan.elements();
  std::vector<ConvSlice> slices = plan.slices(elements + plan.filters);
  ScratchTurns turns(context);
  for (int64_t g = 0; g < plan.groups; ++g) {
    bool more = false;
    for (const ConvSlice& slice : slices) {
      turns.next();
      Packed rows = pack_rows(context, plan.gradient_rows(gradient, g, slice));
      Packed windows = plan.pack(input, g, slice, geometry, true);
      multiply(context, rows, windows, {.view = result, .base = g * plan.filters * elements, .row_stride = elements},
               plan.filters, elements, 1, std::exchange(more, true));
    }
  }
  context.store(result, op.output);
}

}  // namespace lineshaft::vulkan
