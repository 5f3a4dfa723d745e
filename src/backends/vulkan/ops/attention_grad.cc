#include "lineshaft/ops/attention_grad.h"

#include "backends/vulkan/ops/attention_plan.h"
#include "backends/vulkan/ops/reduce_rows.h"
#include "backends/vulkan/ops/softmax_rows.h"
#include "lineshaft/program/program_cache.h"

namespace lineshaft::vulkan {
namespace {

// rowsum(grad_output * output), [B, H, Lq, 1]
TensorView row_products(Context& context, const TensorView& gradient, const TensorView& output, DType type) {
  static ProgramCache cache;
  ProgramRef program = cache.get(key_of(type, gradient.dtype, output.dtype), [&](ProgramBuilder& p) {
    Expr g = cast(p.input(gradient.dtype), type);
    p.output(g * cast(p.input(output.dtype), type), type);
  });
  TensorView products = context.scratch(type, gradient.shape());
  TensorView inputs[] = {gradient, output};
  context.map(program, inputs, List<TensorView>(&products, 1));
  Rows rows = rows_of(context, products, 1u << 3, type);
  int64_t sizes[] = {gradient.sizes[0], gradient.sizes[1], gradient.sizes[2], 1};
  return dense_as(reduce_rows(context, rows, RowsKind::kSum, false).values, sizes);
}

// scale * p * (dp - d), into dp
void score_gradient(Context& context, const TensorView& weights, const TensorView& received, const TensorView& products,
                    double scale) {
  static ProgramCache cache;
  DType type = weights.dtype;
  ProgramRef program = cache.get(key_of(type), [&](ProgramBuilder& p) {
    Expr w = p.input(type), dp = p.input(type), d = p.input(type);
    p.output(p.arg(type) * (w * (dp - d)), type);
  });
  Scalar arg = Scalar::of(scale);
  TensorView inputs[] = {weights, received, broadcast_to(products, weights.shape())};
  context.map(program, inputs, List<TensorView>(&received, 1), List<Scalar>(&arg, 1));
}

void run_part(Context& context, const AttentionGrad& op) {
  AttentionPlan plan(context, op.query, op.key, op.value, op.mask, op.params, "attention_grad");
  if (op.grad_output.numel() == 0 || plan.keys == 0) {
    for (const TensorView* view : {&op.grad_query, &op.grad_key, &op.grad_value})
      if (*view && view->numel()) context.fill(*view, 0);
    return;
  }
  TensorView weights = plan.scores(), gradient = plan.dense(op.grad_output);
  // As forward has them. exp(s - logsumexp) would lose the sum where the scores are large: a row whose mask is the
  // dtype's minimum everywhere has equal weights that sum to 1.
  int64_t rows = weights.numel() / plan.keys;
  softmax_rows(context, SoftmaxKind::kAttention, weights, weights, context.scratch(plan.type, {rows}), rows, plan.keys);
  auto product_for = [&](const TensorView& target, const AttentionPlan::Matrix& a, const AttentionPlan::Matrix& b) {
    if (!target || target.numel() == 0) return;
    TensorView result = context.dense_output(target, plan.type);
    plan.multiply_into(a, b, result);
    context.store(result, target);
  };
  TensorView received = context.scratch(plan.type, weights.shape());
  plan.multiply_into({gradient, false}, {plan.value, true}, received);
  plan.drop(received);
  TensorView products = row_products(context, op.grad_output, op.output, plan.type);
  score_gradient(context, weights, received, products, op.params.scale);
  product_for(op.grad_query, {received, false}, {plan.key, false});
  product_for(op.grad_key, {received, true}, {plan.query, false});
  plan.drop(weights);
  product_for(op.grad_value, {weights, true}, {gradient, false});
}

}  // namespace

void run(Context& context, const AttentionGrad& op) {
  attention_in_slices(context, op, 3, [&](const AttentionGrad& part) { run_part(context, part); });
}

}  // namespace lineshaft::vulkan
