// lu: for each matrix of a batch, with P a permutation, L lower trapezoidal with ones on its diagonal and U upper
// trapezoidal,
//
//   input = P L U
//
// The output holds U and, below the diagonal, L. Row i was interchanged with row pivots[i], counted from 0, in the
// order of i: the row whose element is largest (the first of equals; a NaN is taken only where it stands). Without
// `pivot` no rows are interchanged. `info` is 0, or the number k of the first zero on U's diagonal, counted from 1; the
// factorization is completed.
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
