#include "lineshaft/ops/fold.h"

#include <algorithm>

#include "backends/vulkan/ops/slices.h"
#include "backends/vulkan/planning/index_space.h"
#include "backends/vulkan/planning/windows.h"

namespace lineshaft::vulkan {

void run(Context& context, const Fold& op) {
  if (op.output.numel() == 0) return;
  if (ran_in_parts(context, op, 1)) return;  // images
  DType type = word_type(op.input.dtype);
  if (type == DType::kF64) context.require_f64("fold");
  TensorView columns = context.dense(op.input, type), image = context.dense_output(op.output, type);
  WindowsPush push = windows_push(op.output, op.input, op.output, op.kernel, op.geometry);
  std::array<int64_t, 3> taps{1};  // of an element
  for (int i = 0; i < 2; ++i) {
    int64_t reach = int64_t{push.windows[i] - 1} * push.stride[i];
    taps[1 + i] = std::min<int64_t>(push.kernel[i], reach / push.dilation[i] + 1);
  }
  for (const LoopPart& part : loop_parts(taps, context.turns())) {
    push.first = {part.first[1], part.first[2]};
    push.end = {part.end[1], part.end[2]};
    context.run_kernel({.kernel = variant("fold", type),
                        .turns = part.turns,
                        .operands = {in(columns), out(image)},
                        .groups = context.groups_for(image.numel(), 64)},
                       push);
  }
  context.store(image, op.output);
}

}  // namespace lineshaft::vulkan
