// pool_grad: the gradient of pool with respect to its input. For the max kinds each element of grad_output is added at
// the position that `indices` gives; for the average kinds it is added to all elements of its window, divided as pool
// divides. All views are floats of one dtype.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/ops/pool.h"

namespace lineshaft {

struct PoolGrad {
  TensorView grad_output;
  TensorView indices;  // for the max kinds: as pool gave them; for an index outside the spatial size, the next wait
                       // throws Error(kIndex)
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
