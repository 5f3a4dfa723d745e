#include "lineshaft/ops/softmax.h"

#include "ops/operands.h"

namespace lineshaft {

void validate(const Softmax& op) {
  require_memory(op, {"input"});
  require_float("input", op.input);
  require_float("output", op.output);
  require_axis(op.axis, op.input.rank);
  require_shape("output", op.output, op.input.shape());
}

}  // namespace lineshaft
