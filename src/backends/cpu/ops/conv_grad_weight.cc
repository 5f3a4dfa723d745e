#include "lineshaft/ops/conv_grad_weight.h"

#include "backends/cpu/dnn/conv_operands.h"

namespace lineshaft::cpu {

void run(Context& context, const ConvGradWeight& op) {
  if (op.output.numel() == 0) return;
  convolve(context, conv_problem(context, ConvPass::kGradWeight, op.geometry, op.input, op.output, op.grad_output),
           [](int64_t, int64_t) {});
}

}  // namespace lineshaft::cpu
