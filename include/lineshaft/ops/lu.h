// lu: for each matrix of a batch, with P a permutation, L lower trapezoidal with ones on its diagonal and U upper
// trapezoidal,
//
//   input = P L U
//
// The output holds U on and above the diagonal, and L below it. In step i, row i was interchanged with row pivots[i],
// counted from 0: the row whose element in column i has the largest magnitude (the first of equal ones; a NaN is chosen
// only where it is on the diagonal already). Without `pivot` no rows are interchanged. `info` is 0, or k where the k-th
// diagonal element of U, counted from 1, is the first that is 0; the factorization is completed in any case (LAPACK's
// getrf).
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/ops/operation.h"

namespace lineshaft {

struct Lu {
  bool pivot = true;
  TensorView input;   // [B, M, N], f32 or f64
  TensorView output;  // the input's sizes and dtype
  TensorView pivots;  // i32, [B, min(M, N)]
  TensorView info;    // i32, [B]

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& v) {
    v.param("pivot", self.pivot);
    v.input("input", self.input);
    v.output("output", self.output);
    v.output("pivots", self.pivots);
    v.output("info", self.info);
  }
};

LINESHAFT_EXPORT void validate(const Lu& op);
LINESHAFT_EXPORT double units_of(const Lu& op);

}  // namespace lineshaft
