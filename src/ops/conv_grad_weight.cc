#include "lineshaft/ops/conv_grad_weight.h"

#include "ops/operands.h"

namespace lineshaft {

void validate(const ConvGradWeight& op) {
  require_memory(op);
  validate_conv(op.input, op.output, op.grad_output, op.geometry);
  require_dtype("grad_output", op.grad_output, op.input.dtype);
}

double units_of(const ConvGradWeight& op) {
  return filter_products(op.grad_output, op.output);
}

}  // namespace lineshaft
