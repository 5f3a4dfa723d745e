#include "lineshaft/ops/map.h"

#include "ops/operands.h"

namespace lineshaft {

void validate(const Map& op) {
  require_memory(op, {"inputs"});
  require_program(op.program, op.inputs, op.outputs, op.args.size());
  LS_REQUIRE(!op.outputs.empty(), "a map has no output; it takes one at least");
  for (const TensorView& view : op.outputs) require_shape("an output", view, op.outputs[0].shape());
  for (const TensorView& view : op.inputs) require_shape("an input", view, op.outputs[0].shape());
  require_space(op.program, op.outputs[0].rank);
}

}  // namespace lineshaft
