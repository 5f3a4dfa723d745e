#include "lineshaft/ops/attention_grad.h"

#include "ops/attention_rules.h"
#include "ops/operands.h"

namespace lineshaft {

void validate(const AttentionGrad& op) {
  require_memory(op);
  validate_attention(op.query, op.key, op.value, op.mask, op.output, op.logsumexp, op.params);
  require_shape("grad_output", op.grad_output, op.output.shape());
  require_dtype("grad_output", op.grad_output, op.query.dtype);
  // The scores again and the gradients of query and key take the depth each, those of the weights and of value the
  // values'.
  require_work({op.query.sizes[0], op.query.sizes[1], op.query.sizes[2], op.key.sizes[2],
                3 * op.query.sizes[3] + 2 * op.value.sizes[3]});
  LS_REQUIRE(op.grad_query || op.grad_key || op.grad_value, "no gradient is asked for; give one output at least");
  auto require_like = [&](const char* what, const TensorView& gradient, const TensorView& view) {
    if (!gradient) return;
    require_shape(what, gradient, view.shape());
    require_dtype(what, gradient, view.dtype);
  };
  require_like("grad_query", op.grad_query, op.query);
  require_like("grad_key", op.grad_key, op.key);
  require_like("grad_value", op.grad_value, op.value);
}

double units_of(const AttentionGrad& op) {
  return elements(op.query) * static_cast<double>(op.key.sizes[2]);
}

}  // namespace lineshaft
