// resample_grad: the gradients of resample with respect to its input and, for points, its grid. The order of
// accumulation is fixed.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/ops/resample.h"

namespace lineshaft {

struct ResampleGrad {
  TensorView grad_output;
  TensorView input;       // points only, where grad_grid is wanted; otherwise absent
  TensorView grid;        // optional: points
  TensorView grad_input;  // optional where grad_grid is given
  TensorView grad_grid;   // optional: points
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
