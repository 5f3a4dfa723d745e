#include "lineshaft/ops/check.h"

#include "backends/vulkan/ops/slices.h"
#include "backends/vulkan/planning/index_space.h"

namespace lineshaft::vulkan {

void run(Context& context, const Check& op) {
  if (op.condition.numel() == 0) return;
  if (ran_in_parts(context, op, ~0u)) return;
  TensorView condition = context.dense(op.condition, DType::kI32);
  struct {
    uint32_t count, command, requirement;
  } push{element_count(condition.numel()), context.command(), static_cast<uint32_t>(op.requirement)};
  context.run_kernel({.kernel = "check",
                      .turns = kNoLoops,
                      .operands = {in(condition)},
                      .groups = context.groups_for(condition.numel(), 64),
                      .index_errors = true},
                     push);
}

}  // namespace lineshaft::vulkan
