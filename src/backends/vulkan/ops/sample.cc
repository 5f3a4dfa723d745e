#include "ops/sample.h"

#include "backends/vulkan/index_space.h"

namespace lineshaft::vulkan {

void run(Context& context, const Sample& op) {
  if (op.output.numel() == 0) return;
  DType type = op.output.dtype;
  if (type == DType::kF64) context.require_f64("sample");
  TensorView parameter = context.dense(op.parameter, type), output = context.dense_output(op.output, type);
  auto seed = static_cast<uint64_t>(op.seed), offset = static_cast<uint64_t>(op.offset);
  struct {
    uint32_t key_low, key_high, counter_low, counter_high, count;
  } push{static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32), static_cast<uint32_t>(offset),
         static_cast<uint32_t>(offset >> 32), element_count(output.numel())};
  context.run_kernel({.kernel = variant("sample", type),
                      .operands = {in(parameter), out(output)},
                      .constants = {static_cast<uint32_t>(op.kind)},
                      .groups = context.groups_for(output.numel(), 64)},
                     push);
  context.store(output, op.output);
}

}  // namespace lineshaft::vulkan
