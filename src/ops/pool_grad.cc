#include "lineshaft/ops/pool_grad.h"

#include "ops/operands.h"

namespace lineshaft {

void validate(const PoolGrad& op) {
  require_memory(op);
  validate_pool(op.output, op.grad_output, op.indices, op.geometry);
  require_float("grad_output", op.grad_output);
  bool max = op.geometry.kind == PoolKind::kMax || op.geometry.kind == PoolKind::kAdaptiveMax;
  LS_REQUIRE(!max || op.indices, "indices are missing; the gradient of a max pool takes them");
}

}  // namespace lineshaft
