#include "ops/conv_grad_input.h"

#include "ops/operands.h"

namespace lineshaft {

void validate(const ConvGradInput& op) {
  require_memory(op, {"inputs"});
  validate_conv(op.output, op.weight, op.grad_output, op.geometry);
  require_dtype("weight", op.weight, op.grad_output.dtype);
  require_epilogue(op.epilogue, op.output);
  LS_REQUIRE(is_float(result_dtype(op.epilogue, op.output)), "the epilogue takes the result as ",
             name_of(result_dtype(op.epilogue, op.output)), "; a convolution gives floats");
}

}  // namespace lineshaft
