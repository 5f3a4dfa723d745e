#include "lineshaft/ops/apply_reflectors.h"

#include "ops/matrices.h"
#include "ops/operands.h"

namespace lineshaft {

void validate(const ApplyReflectors& op) {
  require_memory(op, {"input"});
  MatrixSizes vectors = require_matrices("reflectors", op.reflectors);
  LS_REQUIRE(vectors.columns <= vectors.rows, "reflectors has ", vectors.columns, " columns and ", vectors.rows,
             " rows; it takes no more columns than rows");
  require_sizes("tau", op.tau, op.reflectors.dtype, {vectors.batch, vectors.columns});
  MatrixSizes input = require_matrices("input", op.input, op.reflectors.dtype);
  LS_REQUIRE(input.batch == vectors.batch && input.rows == vectors.rows, "input has sizes ",
             shape_text(op.input.shape()), "; with reflectors of ", shape_text(op.reflectors.shape()), " it takes [",
             vectors.batch, ", ", vectors.rows, ", N]");
  require_matrices("output", op.output, input, op.reflectors.dtype);
  require_work({input.batch, input.rows, input.columns, vectors.columns});
}

double units_of(const ApplyReflectors& op) {
  return matrix_products(op.reflectors, op.output);
}

}  // namespace lineshaft
