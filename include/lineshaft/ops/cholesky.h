// cholesky: for each symmetric positive-definite matrix of a batch the lower triangular L with
//
//   input = L L^T
//
// Of the input only the lower triangle is read; above the diagonal the output is 0. `info` is 0, or the order k of the
// first leading minor that is not positive-definite: the output's lower triangle then holds NaN from column k - 1 on.
// The upper factor is that of transposed views.
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
