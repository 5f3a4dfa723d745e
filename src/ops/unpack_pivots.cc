#include "lineshaft/ops/unpack_pivots.h"

#include "ops/operands.h"

namespace lineshaft {

void validate(const UnpackPivots& op) {
  require_memory(op);
  require_rank("pivots", op.pivots, 2);
  require_dtype("pivots", op.pivots, DType::kI32);
  require_rank("rows", op.rows, 2);
  require_dtype("rows", op.rows, DType::kI64);
  LS_REQUIRE(op.rows.sizes[0] == op.pivots.sizes[0] && op.pivots.sizes[1] <= op.rows.sizes[1], "pivots has sizes ",
             shape_text(op.pivots.shape()), ", rows ", shape_text(op.rows.shape()),
             "; both have as many matrices, and no more pivots than rows");
}

}  // namespace lineshaft
