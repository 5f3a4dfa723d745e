#include "ops/pool.h"

#include "backends/vulkan/parts.h"
#include "backends/vulkan/pool_plan.h"

namespace lineshaft::vulkan {

void run(Context& context, const Pool& op) {
  if (op.output.numel() == 0) return;
  constexpr uint32_t kPlanes = 3;  // images and channels
  if (ran_in_parts(context, op, kPlanes)) return;
  DType type = compute_type(op.input.dtype);
  if (type == DType::kF64) context.require_f64("pool");
  PoolPlan plan(context, op.input, op.output, op.geometry);
  TensorView input = context.dense(op.input, type), output = context.dense_output(op.output, type);
  TensorView indices = op.indices ? context.dense_output(op.indices, DType::kI64) : output;
  plan.push.count = static_cast<uint32_t>(op.output.numel());
  context.run_kernel({.kernel = type == DType::kI64 ? std::string("pool_i64w") : variant("pool", type),
                      .operands = {in(input), out(output), out(indices)},
                      .constants = {plan.maximum, plan.adaptive, op.indices ? 1u : 0u},
                      .groups = context.groups_for(op.output.numel(), 64),
                      .params = plan.params()},
                     plan.push);
  context.store(output, op.output);
  if (op.indices) context.store(indices, op.indices);
}

}  // namespace lineshaft::vulkan
