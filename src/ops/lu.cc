#include "lineshaft/ops/lu.h"

#include <algorithm>

#include "ops/matrices.h"
#include "ops/operands.h"

namespace lineshaft {

void validate(const Lu& op) {
  require_memory(op);
  MatrixSizes sizes = require_matrices("input", op.input);
  require_matrices("output", op.output, sizes, op.input.dtype);
  int64_t shorter = std::min(sizes.rows, sizes.columns);
  require_sizes("pivots", op.pivots, DType::kI32, {sizes.batch, shorter});
  require_sizes("info", op.info, DType::kI32, {sizes.batch});
  require_work({sizes.batch, sizes.rows, sizes.columns, shorter});
}

double units_of(const Lu& op) {
  return matrix_products(op.input, op.output);
}

}  // namespace lineshaft
