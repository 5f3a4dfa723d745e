#include "lineshaft/ops/pool_grad.h"

#include <algorithm>

#include "backends/vulkan/ops/slices.h"
#include "backends/vulkan/planning/pool_plan.h"

namespace lineshaft::vulkan {

void run(Context& context, const PoolGrad& op) {
  if (op.output.numel() == 0) return;
  if (op.grad_output.numel() == 0) return context.fill(op.output, 0);
  constexpr uint32_t kPlanes = 3;  // images and channels
  if (ran_in_parts(context, op, kPlanes)) return;
  DType type = accumulate_type(op.grad_output.dtype);
  if (type == DType::kF64) context.require_f64("pool_grad");
  PoolPlan plan(context.command(), op.output, op.grad_output, op.geometry);
  TensorView gradient = context.dense(op.grad_output, type), output = context.dense_output(op.output, type);
  TensorView indices = plan.maximum ? context.dense(op.indices, DType::kI64) : gradient;
  plan.push.count = static_cast<uint32_t>(op.output.numel());
  plan.push.other_count = static_cast<uint32_t>(op.grad_output.numel());
  for (const LoopPart& part : loop_parts(plan.holding_windows(), context.turns())) {
    plan.push.first = part.first;
    plan.push.end = part.end;
    context.run_kernel({.kernel = variant("pool_grad", type),
                        .turns = part.turns,
                        .operands = {in(gradient), in(indices), out(output)},
                        .constants = {plan.maximum, plan.adaptive},
                        .groups = context.groups_for(std::max(op.output.numel(), op.grad_output.numel()), 64),
                        .params = plan.params(),
                        .index_errors = true},
                       plan.push);
  }
  context.store(output, op.output);
}

}  // namespace lineshaft::vulkan
