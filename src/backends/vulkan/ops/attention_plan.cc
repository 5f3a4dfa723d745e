#include "backends/vulkan/ops/attention_plan.h"

#include <limits>

#include "lineshaft/program/program_cache.h"

namespace lineshaft::vulkan {

AttentionPlan::AttentionPlan(Context& context, const TensorView& q, const TensorView& k, const TensorView& v,
                             const TensorView& mask, const AttentionParams& params, const char* name)
    : context(context),
      type(accumulate_type(q.dtype)),
      batch(q.sizes[0]),
      heads(q.sizes[1]),
      queries(q.sizes[2]),
      keys(k.sizes[2]),
      mask(mask),
      params(params) {
  if (type == DType::kF64) context.require_f64(name);
  query = context.dense(q, type);
  key = context.dense(k, type);
  value = context.dense(v, type);
}

void AttentionPlan::multiply_into(const Matrix& a, const Matrix& b, const TensorView& target) {
  int64_t m = target.sizes[2], n = target.sizes[3], batches = batch * heads;
  int64_t k = a.view.sizes[a.transposed ? 2 : 3];
  if (target.numel() == 0) return;
  if (k == 0) return context.fill(target, 0);
  auto plane = [](const TensorView& view) { return view.sizes[2] * view.sizes[3]; };
  int64_t a_row = a.view.sizes[3], b_row = b.view.sizes[3];
  Packed rows = pack_rows(context, {.view = a.view,
                                    .k = k,
                                    .j = m,
                                    .batches = batches,
                                    .k_stride = a.transposed ? a_row : 1,
                                    .j_stride = a.transposed ? 1 : a_row,
                                    .batch_stride = batches > 1 ? plane(a.view) : 0});
  Packed panels = pack_panels(context, {.view = b.view,
                                        .k = k,
                                        .j = n,
                                        .batches = batches,
                                        .k_stride = b.transposed ? 1 : b_row,
                                        .j_stride = b.transposed ? b_row : 1,
                                        .batch_stride = batches > 1 ? plane(b.view) : 0});
  multiply(context, rows, panels, {.view = target, .row_stride = n, .batch_stride = m * n}, m, n, batches, false);
}

TensorView AttentionPlan::scores() {
  static ProgramCache cache;
  TensorView raw = context.scratch(type, {batch, heads, queries, keys});
  multiply_into({query, false}, {key, true}, raw);
  ProgramRef program = cache.get(key_of(type, dtype_or_absent(mask), params.causal), [&](ProgramBuilder& p) {
    Expr s = p.input(type) * p.arg(type), shift = p.arg(DType::kI64);
    Expr lowest = p.constant(type, -std::numeric_limits<double>::infinity());
    if (mask) {
      Expr m = p.input(mask.dtype);
      s = mask.dtype == DType::kBool ? select(m, s, lowest) : s + cast(m, type);
    }
    if (params.causal) s = select(p.index(3) <= p.index(2) + shift, s, lowest);
    p.output(s, type);
  });
  Scalar args[] = {Scalar::of(params.scale), Scalar::of(keys - queries)};
  std::vector<TensorView> inputs{raw};
  if (mask) inputs.push_back(mask);
  context.map(program, inputs, List<TensorView>(&raw, 1), args);
  return raw;
}

void AttentionPlan::drop(const TensorView& values) {
  if (params.dropout == 0) return;
  static ProgramCache cache;
  ProgramRef program = cache.get(key_of(type), [&](ProgramBuilder& p) {
    Expr x = p.input(type), seed = p.arg(DType::kI64), offset = p.arg(DType::kI64), rate = p.arg(DType::kF32),
         scale = p.arg(type);
    Expr uniform = uniform_from_bits(philox(seed, offset + p.linear(), 0));
    p.output(select(rate <= uniform, x * scale, 0.0), type);
  });
  Scalar args[] = {Scalar::of(params.seed), Scalar::of(params.offset), Scalar::of(params.dropout),
                   Scalar::of(1 / (1 - params.dropout))};
  context.map(program, List<TensorView>(&values, 1), List<TensorView>(&values, 1), args);
}

}  // namespace lineshaft::vulkan
