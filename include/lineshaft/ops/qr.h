// qr: for each matrix of a batch, by Householder's reflections H_i = I - tau_i v_i v_i^T,
//
//   input = H_0 H_1 ... R
//
// The output holds R and, below the diagonal, v_i in column i, whose first elements, at the diagonal, are 1 and not
// kept (LAPACK's geqrf). H_i is I, with tau_i 0, where nothing below the diagonal is left.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/ops/operation.h"

namespace lineshaft {

struct Qr {
  TensorView input;   // [B, M, N], f32 or f64
  TensorView output;  // the input's sizes and dtype
  TensorView tau;     // [B, min(M, N)], the input's dtype

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& v) {
    v.input("input", self.input);
    v.output("output", self.output);
    v.output("tau", self.tau);
  }
};

LINESHAFT_EXPORT void validate(const Qr& op);
LINESHAFT_EXPORT double units_of(const Qr& op);

}  // namespace lineshaft
