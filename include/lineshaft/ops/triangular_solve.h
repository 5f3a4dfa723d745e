// triangular_solve: for each matrix of a batch the x with
//
//   a x = b
//
// where of `a` only the lower triangle is read (`upper`: the upper one); `unit` takes its diagonal as ones without
// reading it. A zero on the diagonal gives what dividing by it gives. x a = b is a solution of transposed views.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/ops/operation.h"

namespace lineshaft {

struct TriangularSolve {
  bool upper = false;
  bool unit = false;
  TensorView a;       // [B, N, N], f32 or f64; stride 0 shares it
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
