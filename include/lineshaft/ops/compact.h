// compact: results whose size is known only afterwards.
//
//   positions[0 .. count) = the row-major numbers, ascending, of the elements of `mask` that are not 0; count[0] = how
//   many
//
// What lies in `positions` past count is unspecified. nonzero, masked_select and unique are built on it: the caller
// reads `count`, then gathers.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/ops/operation.h"

namespace lineshaft {

struct Compact {
  TensorView mask;       // any dtype and rank
  TensorView positions;  // i64, rank 1, mask.numel() elements
  TensorView count;      // i64, one element

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& v) {
    v.input("mask", self.mask);
    counted_output(v, "positions", self.positions, self.count);
    v.output("count", self.count);
  }
};

LINESHAFT_EXPORT void validate(const Compact& op);

}  // namespace lineshaft
