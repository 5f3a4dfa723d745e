// triangular_solve: for each matrix of a batch, the solution x of
//
//   a x = b
//
// Only the lower triangle of `a` is read (with `upper`, the upper one). With `unit` the diagonal is taken as ones and
// is not read. A zero on the diagonal gives the result of the division by 0. To solve x a = b, give transposed views.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/ops/operation.h"

namespace lineshaft {

struct TriangularSolve {
  bool upper = false;
  bool unit = false;
  TensorView a;       // [B, N, N], f32 or f64; stride 0 gives the batch one matrix
  TensorView b;       // [B, N, K], a's dtype; may be the output itself
  TensorView output;  // [B, N, K], a's dtype

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& v) {
    v.param("upper", self.upper);
    v.param("unit", self.unit);
    v.input("a", self.a);
    v.input("b", self.b);
    v.output("output", self.output);
  }
};

LINESHAFT_EXPORT void validate(const TriangularSolve& op);
LINESHAFT_EXPORT double units_of(const TriangularSolve& op);

}  // namespace lineshaft
