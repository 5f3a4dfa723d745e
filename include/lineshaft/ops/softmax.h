// softmax: along one axis, output = exp(x - max) / sum(exp(x - max)); with `log`, output = x - max - log(sum(exp(x -
// max))). Input and output are floats; computed in f32 (f64 for f64). They may be identical.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/ops/operation.h"

namespace lineshaft {

struct Softmax {
  int32_t axis = 0;
  bool log = false;
  TensorView input;
  TensorView output;  // the input's sizes; its dtype may differ from the input's

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& v) {
    v.param("axis", self.axis);
    v.param("log", self.log);
    v.input("input", self.input);
    v.output("output", self.output);
  }
};

LINESHAFT_EXPORT void validate(const Softmax& op);

}  // namespace lineshaft
