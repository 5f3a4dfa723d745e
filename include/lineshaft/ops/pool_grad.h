// pool_grad: the gradient of pool with respect to its input: each grad_output element goes to the position that won
// (max kinds, by `indices`) or in equal parts to its window (average kinds).
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/ops/pool.h"

namespace lineshaft {

struct PoolGrad {
  TensorView grad_output;
  TensorView indices;  // the max kinds: as pool wrote them; checked against the spatial size
  TensorView output;   // grad_input, [N, C, spatial...]
  PoolGeometry geometry;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& v) {
    v.input("grad_output", self.grad_output);
    v.input("indices", self.indices);
    v.output("output", self.output);
    PoolGeometry::fields(self.geometry, v);
  }
};

LINESHAFT_EXPORT void validate(const PoolGrad& op);

}  // namespace lineshaft
