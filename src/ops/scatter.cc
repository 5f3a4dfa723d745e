#include "lineshaft/ops/scatter.h"

#include "lineshaft/ops/gather.h"
#include "ops/operands.h"

namespace lineshaft {

void validate(const Scatter& op) {
  LS_REQUIRE(is_valid(op.kind), "scatter ", static_cast<int>(op.kind), " is unknown");
  if (op.target) validate_view(op.target);
  for (int i = 0; i < op.target.rank; ++i)
    LS_REQUIRE(op.target.strides[i] >= 0, "target has stride ", op.target.strides[i], " on axis ", i,
               "; negative strides are for inputs only");
  require_present("source", op.source);
  validate_indices(op.target, op.indices, op.index_strides, op.bounds, op.source);
  require_dtype("source", op.source, op.target.dtype);
  std::vector<Operand> operands;
  operands.push_back(
      {.name = "target", .view = reachable(op.target, op.index_strides, op.bounds), .read = true, .written = true});
  for (const TensorView& index : op.indices) operands.push_back({.name = "an index", .view = index, .read = true});
  operands.push_back({.name = "source", .view = op.source, .read = true});
  require_operands(operands);
}

}  // namespace lineshaft
