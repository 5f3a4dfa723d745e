#include "lineshaft/ops/pool.h"

#include "backends/vulkan/ops/slices.h"
#include "backends/vulkan/planning/pool_plan.h"

namespace lineshaft::vulkan {

void run(Context& context, const Pool& op) {
  if (op.output.numel() == 0) return;
  constexpr uint32_t kPlanes = 3;  // images and channels
  if (ran_in_parts(context, op, kPlanes)) return;
  DType type = compute_type(op.input.dtype);
  if (type == DType::kF64) context.require_f64("pool");
  PoolPlan plan(context.command(), op.input, op.output, op.geometry);
  TensorView input = context.dense(op.input, type), output = context.dense_output(op.output, type);
  std::vector<LoopPart> parts = loop_parts(plan.window_steps(), context.turns());
  TensorView indices = op.indices ? context.dense_output(op.indices, DType::kI64) : output;
  bool indexed = op.indices || (plan.maximum && parts.size() > 1);  // a part goes on from the index of the one before
  if (indexed && !op.indices) indices = context.scratch(DType::kI64, op.output.shape());
  plan.push.count = static_cast<uint32_t>(op.output.numel());
  for (const LoopPart& part : parts) {
    plan.push.first = part.first;
    plan.push.end = part.end;
    plan.push.last = &part == &parts.back();
    context.run_kernel({.kernel = type == DType::kI64 ? std::string("pool_i64w") : variant("pool", type),
                        .turns = part.turns,
                        .operands = {in(input), out(output), out(indices)},
                        .constants = {plan.maximum, plan.adaptive, indexed},
                        .groups = context.groups_for(op.output.numel(), 64),
                        .params = plan.params()},
                       plan.push);
  }
  context.store(output, op.output);
  if (op.indices) context.store(indices, op.indices);
}

}  // namespace lineshaft::vulkan
