#include "lineshaft/ops/resample_grad.h"

#include "ops/operands.h"

namespace lineshaft {

void validate(const ResampleGrad& op) {
  require_memory(op);
  require_float("grad_output", op.grad_output);
  LS_REQUIRE(op.grad_input || op.grad_grid, "no gradient is asked for; give one output at least");
  LS_REQUIRE(static_cast<bool>(op.grad_grid) == static_cast<bool>(op.input), "input is ",
             op.input ? "given" : "missing", "; it is taken where grad_grid is asked for, and only there");
  if (op.grad_input) validate_resample(op.grad_input, op.grid, op.grad_output, op.geometry);
  if (!op.grad_grid) return;
  LS_REQUIRE(op.grid, "grid is missing; grad_grid takes it");
  validate_resample(op.input, op.grid, op.grad_output, op.geometry);
  if (op.grad_input) require_shape("grad_input", op.grad_input, op.input.shape());
  require_shape("grad_grid", op.grad_grid, op.grid.shape());
  require_dtype("grad_grid", op.grad_grid, op.grid.dtype);
}

}  // namespace lineshaft
