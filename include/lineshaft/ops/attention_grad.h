// attention_grad: the gradients of attention. The softmax is computed again, from the scores and logsumexp.
//
//   p = exp(s - logsumexp), dp = dropout'(grad_output v^T), ds = p * (dp - rowsum(grad_output * output))
//   grad_query = scale * ds k, grad_key = scale * ds^T q, grad_value = dropout(p)^T grad_output
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/ops/attention.h"

namespace lineshaft {

struct AttentionGrad {
  TensorView grad_output;
  TensorView query, key, value, mask;           // the operands of attention
  TensorView output, logsumexp;                 // the outputs of attention
  TensorView grad_query, grad_key, grad_value;  // each optional, but at least one is given
  AttentionParams params;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& v) {
    v.input("grad_output", self.grad_output);
    v.input("query", self.query);
    v.input("key", self.key);
    v.input("value", self.value);
    v.input("mask", self.mask);
    v.input("output", self.output);
    v.input("logsumexp", self.logsumexp);
    v.output("grad_query", self.grad_query);
    v.output("grad_key", self.grad_key);
    v.output("grad_value", self.grad_value);
    AttentionParams::fields(self.params, v);
  }
};

LINESHAFT_EXPORT void validate(const AttentionGrad& op);
LINESHAFT_EXPORT double units_of(const AttentionGrad& op);

}  // namespace lineshaft
