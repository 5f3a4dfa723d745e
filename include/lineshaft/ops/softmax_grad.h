// softmax_grad: along one axis, with y = softmax's output and g = grad_output: grad_input = y * (g - sum(g * y)); with
// log: g - exp(y) * sum(g).
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/ops/operation.h"

namespace lineshaft {

struct SoftmaxGrad {
  int32_t axis = 0;
  bool log = false;
  TensorView grad_output;
  TensorView output;  // what softmax gave
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
