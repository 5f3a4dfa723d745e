// topk: the k largest or smallest elements along one axis, sorted; equal values stay in the order of their positions. k
// is the size of the outputs on the axis. NaN is larger than every number.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/ops/operation.h"

namespace lineshaft {

struct TopK {
  int32_t axis = 0;
  bool largest = true;
  TensorView input;
  TensorView values;
  TensorView indices;  // i64

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& v) {
    v.param("axis", self.axis);
    v.param("largest", self.largest);
    v.input("input", self.input);
    v.output("values", self.values);
    v.output("indices", self.indices);
  }
};

LINESHAFT_EXPORT void validate(const TopK& op);

}  // namespace lineshaft
