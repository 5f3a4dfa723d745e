#include "lineshaft/ops/conv_grad_input.h"

#include "backends/cpu/dnn/conv_operands.h"
#include "backends/cpu/dnn/staged_result.h"

namespace lineshaft::cpu {

void run(Context& context, const ConvGradInput& op) {
  if (op.output.numel() == 0) return;
  StagedResult result(context, op.output, op.epilogue);
  ConvProblem problem = conv_problem(context, ConvPass::kGradInput, op.geometry, op.output, op.weight, op.grad_output);
  problem.arrays[kInput] = result.memory();
  bool in_parts = result.runs_in_parts();
  convolve(context, problem, [&](int64_t begin, int64_t end) {
    if (in_parts) result.finish(begin, end);
  });
  if (!in_parts) result.finish();
}

}  // namespace lineshaft::cpu
