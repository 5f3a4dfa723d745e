#include "lineshaft/ops/softmax.h"

#include "backends/vulkan/ops/slices.h"
#include "backends/vulkan/ops/softmax_rows.h"

namespace lineshaft::vulkan {

void run(Context& context, const Softmax& op) {
  if (op.output.numel() == 0) return;
  if (ran_in_parts(context, op, axes_without(op.axis))) return;
  DType type = accumulate_type(op.input.dtype);
  if (type == DType::kF64) context.require_f64("softmax");
  if (op.input.rank == 0) return context.fill(op.output, op.log ? 0 : 1);
  TensorView target = axis_last(op.output, op.axis);
  TensorView input = context.dense(axis_last(op.input, op.axis), type), output = context.dense_output(target, type);
  int64_t length = op.input.sizes[op.axis];
  softmax_rows(context, op.log ? SoftmaxKind::kLog : SoftmaxKind::kPlain, input, output, {}, input.numel() / length,
               length);
  context.store(output, target);
}

}  // namespace lineshaft::vulkan
