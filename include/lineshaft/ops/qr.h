// qr: for each matrix of a batch, with Householder reflections H_i = I - tau_i v_i v_i^T,
//
//   input = H_0 H_1 ... R
//
// The output holds R on and above the diagonal. Below it, column i holds v_i, without its element at the diagonal,
// which is 1 (LAPACK's geqrf). Where all elements below the diagonal are 0 already, tau_i is 0 and H_i is I.
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
