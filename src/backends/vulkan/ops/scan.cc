#include "lineshaft/ops/scan.h"

#include <algorithm>

#include "backends/vulkan/device/context.h"
#include "backends/vulkan/ops/slices.h"

namespace lineshaft::vulkan {

void run(Context& context, const Scan& op) {
  if (op.output.numel() == 0) return;
  if (ran_in_parts(context, op, axes_without(op.axis))) return;
  DType type = accumulate_type(op.input.dtype);
  if (type == DType::kF64) context.require_f64("scan");
  if (op.input.rank == 0) {
    context.copy(op.input, op.output);
    if (op.indices) context.fill(op.indices, 0);
    return;
  }
  TensorView input = context.dense(op.input, type), output = context.dense_output(op.output, type), positions;
  if (op.indices) positions = context.scratch(DType::kI32, op.indices.shape());
  int64_t inner = 1, length = op.input.sizes[op.axis];
  for (int i = op.axis + 1; i < op.input.rank; ++i) inner *= op.input.sizes[i];
  int64_t lines = input.numel() / length;
  struct {
    uint32_t lines, length, inner, reverse, first, end;
  } push{static_cast<uint32_t>(lines), static_cast<uint32_t>(length), static_cast<uint32_t>(inner), op.reverse, 0, 0};
  constexpr uint32_t kinds[] = {0, 1, 3, 2, 4};  // the kernel's numbers of sum, product, maximum, minimum, log-sum-exp
  std::string kernel = "scan_" + suffix_of(type);
  int64_t step = longest_loop(context.turns());
  for (int64_t first = 0; first < length; first += step) {
    push.first = static_cast<uint32_t>(first);
    push.end = static_cast<uint32_t>(std::min(first + step, length));
    context.run_kernel({.kernel = kernel,
                        .turns = loop(push.end - push.first),
                        .operands = {in(input), out(output), out(positions ? positions : output)},
                        .constants = {kinds[static_cast<int>(op.kind)], op.indices ? 1u : 0u},
                        .groups = context.groups_for(lines, 64)},
                       push);
  }
  context.store(output, op.output);
  if (op.indices) context.copy(positions, op.indices);
}

}  // namespace lineshaft::vulkan
