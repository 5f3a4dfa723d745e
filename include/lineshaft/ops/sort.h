// sort: sorts along one axis; the sort is stable. NaN is larger than every number. Without `values` only the indices
// are computed (argsort).
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/ops/operation.h"

namespace lineshaft {

struct Sort {
  int32_t axis = 0;
  bool descending = false;
  TensorView input;
  TensorView values;   // optional; the input's dtype and sizes
  TensorView indices;  // i64, the input's sizes

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& v) {
    v.param("axis", self.axis);
    v.param("descending", self.descending);
    v.input("input", self.input);
    v.output("values", self.values);
    v.output("indices", self.indices);
  }
};

LINESHAFT_EXPORT void validate(const Sort& op);

}  // namespace lineshaft
