#include "lineshaft/ops/unfold.h"

#include "backends/vulkan/ops/slices.h"
#include "backends/vulkan/planning/index_space.h"
#include "backends/vulkan/planning/windows.h"

namespace lineshaft::vulkan {

void run(Context& context, const Unfold& op) {
  if (op.output.numel() == 0) return;
  if (ran_in_parts(context, op, 1)) return;  // images
  DType type = word_type(op.input.dtype);
  TensorView image = context.dense(op.input, type), columns = context.dense_output(op.output, type);
  context.run_kernel({.kernel = size_of(type) == 8 ? "unfold_b8" : "unfold_b4",
                      .turns = kNoLoops,
                      .operands = {in(image), out(columns)},
                      .groups = context.groups_for(columns.numel(), 64)},
                     windows_push(op.input, op.output, op.output, op.kernel, op.geometry));
  context.store(columns, op.output);
}

}  // namespace lineshaft::vulkan
