#include "lineshaft/ops/triangular_solve.h"

#include "ops/matrices.h"
#include "ops/operands.h"

namespace lineshaft {

void validate(const TriangularSolve& op) {
  require_memory(op, {"b"});
  MatrixSizes a = require_square("a", op.a), b = require_matrices("b", op.b, op.a.dtype);
  LS_REQUIRE(b.batch == a.batch && b.rows == a.rows, "b has sizes ", shape_text(op.b.shape()), "; with a of ",
             shape_text(op.a.shape()), " it takes [", a.batch, ", ", a.rows, ", K]");
  require_matrices("output", op.output, b, op.a.dtype);
  require_work({b.batch, b.rows, b.rows, b.columns});
}

double units_of(const TriangularSolve& op) {
  return matrix_products(op.a, op.output);
}

}  // namespace lineshaft
