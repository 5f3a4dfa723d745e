// softmax_grad: the gradient of softmax along one axis. With y = softmax's output and g = grad_output, grad_input = y *
// (g - sum(g * y)); with `log`, grad_input = g - exp(y) * sum(g). All views are floats of the same sizes; grad_input
// may be identical to grad_output or output.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/ops/operation.h"

namespace lineshaft {

struct SoftmaxGrad {
  int32_t axis = 0;
  bool log = false;
  TensorView grad_output;
  TensorView output;  // the output of softmax
  TensorView grad_input;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& v) {
    v.param("axis", self.axis);
    v.param("log", self.log);
    v.input("grad_output", self.grad_output);
    v.input("output", self.output);
    v.output("grad_input", self.grad_input);
  }
};

LINESHAFT_EXPORT void validate(const SoftmaxGrad& op);

}  // namespace lineshaft
