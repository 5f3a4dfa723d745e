#include "lineshaft/ops/normalize_grad.h"

#include "ops/normalization.h"
#include "ops/operands.h"

namespace lineshaft {
namespace {

// A gradient summed over the axes on which it has size 1.
void require_summed(const char* what, const TensorView& view, const TensorView& input) {
  if (!view) return;
  require_float(what, view);
  require_rank(what, view, input.rank);
  for (int i = 0; i < input.rank; ++i)
    LS_REQUIRE(view.sizes[i] == 1 || view.sizes[i] == input.sizes[i], what, " has size ", view.sizes[i], " on axis ", i,
               "; it takes 1 or the input's ", input.sizes[i]);
}

}  // namespace

void validate(const NormalizeGrad& op) {
  require_memory(op);
  require_normalize_axes(op.axes, op.kind, op.input);
  require_statistics(op.axes, op.kind, op.input, op.mean, op.rstd);
  require_float("grad_output", op.grad_output);
  require_shape("grad_output", op.grad_output, op.input.shape());
  if (op.weight) {
    require_float("weight", op.weight);
    require_shape("weight", op.weight, op.input.shape());
  }
  LS_REQUIRE(op.grad_input || op.grad_weight || op.grad_bias, "no gradient is asked for; give one output at least");
  if (op.grad_input) {
    require_float("grad_input", op.grad_input);
    require_shape("grad_input", op.grad_input, op.input.shape());
  }
  require_summed("grad_weight", op.grad_weight, op.input);
  require_summed("grad_bias", op.grad_bias, op.input);
}

}  // namespace lineshaft
