// resample_grad: the gradients of resample with respect to its input and, for given points, its grid. The order of
// accumulation is fixed. At least one gradient is given.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/ops/resample.h"

namespace lineshaft {

struct ResampleGrad {
  TensorView grad_output;
  TensorView input;       // given exactly where grad_grid is
  TensorView grid;        // optional: the points, as resample took them
  TensorView grad_input;  // optional
  TensorView grad_grid;   // optional; needs `grid`
  ResampleGeometry geometry;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& v) {
    v.input("grad_output", self.grad_output);
    v.input("input", self.input);
    v.input("grid", self.grid);
    v.output("grad_input", self.grad_input);
    v.output("grad_grid", self.grad_grid);
    ResampleGeometry::fields(self.geometry, v);
  }
};

LINESHAFT_EXPORT void validate(const ResampleGrad& op);

}  // namespace lineshaft
