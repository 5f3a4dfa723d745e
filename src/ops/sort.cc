#include "lineshaft/ops/sort.h"

#include "ops/operands.h"

namespace lineshaft {

void validate(const Sort& op) {
  require_memory(op);
  require_present("input", op.input);
  require_axis(op.axis, op.input.rank);
  require_dtype("indices", op.indices, DType::kI64);
  require_shape("indices", op.indices, op.input.shape());
  if (!op.values) return;
  require_dtype("values", op.values, op.input.dtype);
  require_shape("values", op.values, op.input.shape());
}

}  // namespace lineshaft
