// normalize_grad: the gradients of normalize.
//
//   x^ = (input - mean) * rstd            g = grad_output * weight
//   grad_input = rstd * (g - mean(g) - x^ * mean(g * x^))       means over `axes`; kRms: without mean(g)
//   grad_weight = sum of grad_output * x^, grad_bias = sum of grad_output, over the axes on which the output view has
//   size 1
//
// With constant_statistics (a model in evaluation mode) mean and rstd do not depend on the input: grad_input = g *
// rstd. At least one gradient is given. `axes`, mean and rstd are as in normalize.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/ops/normalize.h"

namespace lineshaft {

struct NormalizeGrad {
  NormalizeKind kind = NormalizeKind::kStandard;
  uint8_t axes = 0;
  bool constant_statistics = false;
  TensorView grad_output;
  TensorView input;
  TensorView weight;  // optional; as in normalize
  TensorView mean;    // absent for kRms
  TensorView rstd;
  TensorView grad_input;   // optional
  TensorView grad_weight;  // optional; the input's sizes, but 1 on the axes that are summed
  TensorView grad_bias;    // optional; as grad_weight

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& v) {
    v.param("kind", self.kind);
    v.param("axes", self.axes);
    v.param("constant_statistics", self.constant_statistics);
    v.input("grad_output", self.grad_output);
    v.input("input", self.input);
    v.input("weight", self.weight);
    v.input("mean", self.mean);
    v.input("rstd", self.rstd);
    v.output("grad_input", self.grad_input);
    v.output("grad_weight", self.grad_weight);
    v.output("grad_bias", self.grad_bias);
  }
};

LINESHAFT_EXPORT void validate(const NormalizeGrad& op);

}  // namespace lineshaft
