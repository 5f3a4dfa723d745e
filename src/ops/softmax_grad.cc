#include "lineshaft/ops/softmax_grad.h"

#include "ops/operands.h"

namespace lineshaft {

void validate(const SoftmaxGrad& op) {
  require_memory(op, {"grad_output", "output"});
  require_float("grad_output", op.grad_output);
  require_float("output", op.output);
  require_float("grad_input", op.grad_input);
  require_axis(op.axis, op.output.rank);
  require_shape("grad_output", op.grad_output, op.output.shape());
  require_shape("grad_input", op.grad_input, op.output.shape());
}

}  // namespace lineshaft
