// compact: the positions of the elements that are not 0, whose number only the device knows.
//
//   count[0] = how many elements of `mask` are not 0
//   positions[0 .. count[0]) = their row-major numbers, ascending
//
// Elements of `positions` from `count` on are unspecified. nonzero, masked_select and unique are built on it: the
// caller reads `count` and then gathers that many elements.
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
