// apply_reflectors: products with the orthogonal matrix that qr gives, for each matrix of a batch
//
//   output = H_0 H_1 ... H_(K-1) input,  transposed: H_(K-1) ... H_1 H_0 input
//
// with H_i = I - tau_i v_i v_i^T. v_i is stored in column i of `reflectors` below the diagonal; its element at the
// diagonal is 1 and those above are 0, whatever the column holds there (LAPACK's ormqr).
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/ops/operation.h"

namespace lineshaft {

struct ApplyReflectors {
  bool transposed = false;
  TensorView reflectors;  // [B, M, K], f32 or f64, K at most M
  TensorView tau;         // [B, K], the dtype of reflectors
  TensorView input;       // [B, M, N], the dtype of reflectors; may be the output itself
  TensorView output;      // [B, M, N], the dtype of reflectors

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& v) {
    v.param("transposed", self.transposed);
    v.input("reflectors", self.reflectors);
    v.input("tau", self.tau);
    v.input("input", self.input);
    v.output("output", self.output);
  }
};

LINESHAFT_EXPORT void validate(const ApplyReflectors& op);
LINESHAFT_EXPORT double units_of(const ApplyReflectors& op);

}  // namespace lineshaft
