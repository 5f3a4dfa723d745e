// unpack_pivots: the permutation of rows that the interchanges of lu give. It starts with the list 0, 1, 2, ..., M - 1
// and, for i = 0, 1, ..., interchanges entry i with entry pivots[i]; the list is then `rows`. For lu's P, row i of P^T
// A is row rows[i] of A. For a pivot outside 0..M - 1, the next wait throws Error(kIndex).
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
