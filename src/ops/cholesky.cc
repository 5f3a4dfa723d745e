#include "lineshaft/ops/cholesky.h"

#include "ops/matrices.h"
#include "ops/operands.h"

namespace lineshaft {

void validate(const Cholesky& op) {
  require_memory(op);
  MatrixSizes sizes = require_square("input", op.input);
  require_matrices("output", op.output, sizes, op.input.dtype);
  require_sizes("info", op.info, DType::kI32, {sizes.batch});
  require_work({sizes.batch, sizes.rows, sizes.rows, sizes.rows});
}

double units_of(const Cholesky& op) {
  return matrix_products(op.input, op.output);
}

}  // namespace lineshaft
