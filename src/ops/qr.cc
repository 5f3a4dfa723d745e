#include "lineshaft/ops/qr.h"

#include <algorithm>

#include "ops/matrices.h"
#include "ops/operands.h"

namespace lineshaft {

void validate(const Qr& op) {
  require_memory(op);
  MatrixSizes sizes = require_matrices("input", op.input);
  require_matrices("output", op.output, sizes, op.input.dtype);
  int64_t shorter = std::min(sizes.rows, sizes.columns);
  require_sizes("tau", op.tau, op.input.dtype, {sizes.batch, shorter});
  require_work({sizes.batch, sizes.rows, sizes.columns, shorter});
}

double units_of(const Qr& op) {
  return matrix_products(op.input, op.output);
}

}  // namespace lineshaft
