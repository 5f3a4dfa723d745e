#include "ops/fold.h"

#include "backends/vulkan/parts.h"
#include "backends/vulkan/windows.h"

namespace lineshaft::vulkan {

void run(Context& context, const Fold& op) {
  if (op.output.numel() == 0) return;
  if (ran_in_parts(context, op, 1)) return;  // images
  DType type = word_type(op.input.dtype);
  if (type == DType::kF64) context.require_f64("fold");
  TensorView columns = context.dense(op.input, type), image = context.dense_output(op.output, type);
  context.run_kernel({.kernel = variant("fold", type),
                      .operands = {in(columns), out(image)},
                      .groups = context.groups_for(image.numel(), 64)},
                     windows_push(op.output, op.input, op.output, op.kernel, op.geometry));
  context.store(image, op.output);
}

}  // namespace lineshaft::vulkan
