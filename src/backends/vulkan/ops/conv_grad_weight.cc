#include "ops/conv_grad_weight.h"

#include "backends/vulkan/conv_plan.h"

namespace lineshaft::vulkan {

// A product of the gradient with the transposed windows, summed over chunks of images in order.
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
  for (int64_t g = 0; g < plan.groups; ++g) {
    for (int64_t image = 0; image < plan.images; image += plan.chunk) {
      int64_t images = std::min(plan.chunk, plan.images - image);
      Packed rows = pack_rows(context, plan.gradient_rows(gradient, g, image, images));
      Packed windows = pack_windows(context, {input, g * plan.channels, plan.channels, image, images}, geometry, true);
      multiply(context, rows, windows, {.view = result, .base = g * plan.filters * elements, .row_stride = elements},
               plan.filters, elements, 1, image > 0);
    }
  }
  context.store(result, op.output);
}

}  // namespace lineshaft::vulkan
