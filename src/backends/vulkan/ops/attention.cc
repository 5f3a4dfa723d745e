#include "lineshaft/ops/attention.h"

#include <limits>

#include "backends/vulkan/ops/attention_plan.h"
#include "backends/vulkan/ops/softmax_rows.h"

namespace lineshaft::vulkan {
namespace {

void run_part(Context& context, const Attention& op) {
  AttentionPlan plan(context, op.query, op.key, op.value, op.mask, op.params, "attention");
  TensorView sums = context.dense_output(op.logsumexp, plan.type), output = context.dense_output(op.output, plan.type);
  if (plan.keys == 0) {
    context.fill(op.logsumexp, -std::numeric_limits<double>::infinity());
    if (op.output.numel()) context.fill(op.output, 0);
    return;
  }
  TensorView weights = plan.scores();
  softmax_rows(context, SoftmaxKind::kAttention, weights, weights, sums, weights.numel() / plan.keys, plan.keys);
  plan.drop(weights);
  plan.multiply_into({weights, false}, {plan.value, false}, output);
  if (op.output.numel()) context.store(output, op.output);
  context.store(sums, op.logsumexp);
}

}  // namespace

void run(Context& context, const Attention& op) {
  if (op.logsumexp.numel() == 0) return;
  attention_in_slices(context, op, 2, [&](const Attention& part) { run_part(context, part); });
}

}  // namespace lineshaft::vulkan
