// cholesky: for each symmetric positive-definite matrix of a batch the lower triangular L with
//
//   input = L L^T
//
// Only the lower triangle of the input is read; the output is 0 above the diagonal. `info` is 0, or the order k of the
// first leading minor that is not positive-definite (LAPACK's potrf); the output's lower triangle then holds NaN from
// column k - 1 on. For the upper factor, give transposed views.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/ops/operation.h"

namespace lineshaft {

struct Cholesky {
  TensorView input;   // [B, N, N], f32 or f64
  TensorView output;  // the input's sizes and dtype
  TensorView info;    // i32, [B]

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& v) {
    v.input("input", self.input);
    v.output("output", self.output);
    v.output("info", self.info);
  }
};

LINESHAFT_EXPORT void validate(const Cholesky& op);
LINESHAFT_EXPORT double units_of(const Cholesky& op);

}  // namespace lineshaft
