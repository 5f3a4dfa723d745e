// unpack_pivots: the order of rows that interchanges give. From 0, 1, 2, ... entry i is interchanged with entry
// pivots[i], in the order of i; what stands there then is `rows`: row i of P^T A is row rows[i] of A, for lu's P. A
// pivot outside 0..M - 1 is an index error.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/ops/operation.h"

namespace lineshaft {

struct UnpackPivots {
  TensorView pivots;  // i32, [B, K], K at most M
  TensorView rows;    // i64, [B, M]

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& v) {
    v.input("pivots", self.pivots);
    v.output("rows", self.rows);
  }
};

LINESHAFT_EXPORT void validate(const UnpackPivots& op);

}  // namespace lineshaft
