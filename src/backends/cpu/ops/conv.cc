#include "lineshaft/ops/conv.h"

#include "backends/cpu/dnn/conv_operands.h"
#include "backends/cpu/dnn/staged_result.h"

namespace lineshaft::cpu {

void run(Context& context, const Conv& op) {
  if (op.output.numel() == 0) return;
  StagedResult result(context, op.output, op.epilogue);
  ConvProblem problem = conv_problem(context, ConvPass::kForward, op.geometry, op.input, op.weight, op.output);
  problem.arrays[kOutput] = result.memory();
  bool in_parts = result.runs_in_parts();
  convolve(context, problem, [&](int64_t begin, int64_t end) {
    if (in_parts) result.finish(begin, end);
  });
  if (!in_parts) result.finish();
}

}  // namespace lineshaft::cpu
