#include "lineshaft/ops/softmax_grad.h"

#include "backends/vulkan/ops/slices.h"
#include "backends/vulkan/ops/softmax_rows.h"

namespace lineshaft::vulkan {

void run(Context& context, const SoftmaxGrad& op) {
  if (op.grad_input.numel() == 0) return;
  if (ran_in_parts(context, op, axes_without(op.axis))) return;
  DType type = accumulate_type(op.output.dtype);
  if (type == DType::kF64) context.require_f64("softmax_grad");
  if (op.output.rank == 0) return context.fill(op.grad_input, 0);
  TensorView target = axis_last(op.grad_input, op.axis);
  TensorView gradient = context.dense(axis_last(op.grad_output, op.axis), type),
             result = context.dense(axis_last(op.output, op.axis), type);
  TensorView output = context.dense_output(target, type);
  int64_t length = op.output.sizes[op.axis];
  softmax_rows_grad(context, op.log ? SoftmaxKind::kLog : SoftmaxKind::kPlain, gradient, result, output,
                    result.numel() / length, length);
  context.store(output, target);
}

}  // namespace lineshaft::vulkan
