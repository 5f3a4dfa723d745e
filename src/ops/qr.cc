#include "ops/qr.h"

#include <algorithm>

#include "ops/matrices.h"

namespace lineshaft {

void validate(const Qr& op) {
  require_memory(op);
  MatrixSizes sizes = require_matrices("input", op.input);
  require_matrices("output", op.output, sizes, op.input.dtype);
  int64_t shorter = std::min(sizes.rows, sizes.columns);
  require_sizes("tau", op.tau, op.input.dtype, {sizes.batch, shorter});
  require_work({sizes.batch, sizes.rows, sizes.columns, shorter});
}

}  // namespace lineshaft
