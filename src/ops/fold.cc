#include "lineshaft/ops/fold.h"

#include "ops/operands.h"

namespace lineshaft {

void validate(const Fold& op) {
  require_memory(op);
  validate_unfold(op.output, op.input, op.kernel, op.geometry);
  LS_REQUIRE(op.input.dtype != DType::kBool, "input is bool; fold sums numbers");
}

}  // namespace lineshaft
