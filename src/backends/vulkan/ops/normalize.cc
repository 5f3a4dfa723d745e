#include "ops/normalize.h"

#include "backends/vulkan/program_cache.h"
#include "backends/vulkan/reduce_rows.h"

namespace lineshaft::vulkan {
namespace {

// rstd = 1 / sqrt(sum / n + eps)
void store_rstd(Context& context, const TensorView& sum, double n, double eps, const TensorView& rstd) {
  static thread_local ProgramCache cache;
  DType type = sum.dtype;
  ProgramRef program = cached_program(cache, program_key({key_of(type), key_of(rstd.dtype)}), [&](ProgramBuilder& p) {
    Expr x = p.input(type), count = p.arg(type), small = p.arg(type);
    p.output(cast(rsqrt(x / count + small), compute_type(rstd.dtype)), rstd.dtype);
  });
  Scalar args[] = {Scalar::of(n), Scalar::of(eps)};
  context.map(program, List<TensorView>(&sum, 1), List<TensorView>(&rstd, 1), args);
}

TensorView squares_of(Context& context, const TensorView& input, DType type) {
  static thread_local ProgramCache cache;
  ProgramRef program = cached_program(cache, program_key({key_of(type), key_of(input.dtype)}), [&](ProgramBuilder& p) {
    Expr x = cast(p.input(input.dtype), type);
    p.output(x * x, type);
  });
  TensorView squares = context.scratch(type, input.shape());
  context.map(program, List<TensorView>(&input, 1), List<TensorView>(&squares, 1));
  return squares;
}

void compute_statistics(Context& context, const Normalize& op, DType type) {
  if (op.kind == NormalizeKind::kRms) {
    Rows rows = rows_of(context, squares_of(context, op.input, type), op.axes, type);
    Reduced sum = reduce_rows(context, rows, RowsKind::kSum, false);
    return store_rstd(context, dense_as(sum.values, op.rstd.shape()), static_cast<double>(rows.elements()), op.eps,
                      op.rstd);
  }
  Rows rows = rows_of(context, op.input, op.axes, type);
  Moments moments = moments_of_rows(context, rows);
  context.copy(dense_as(moments.mean, op.mean.shape()), op.mean);
  store_rstd(context, dense_as(moments.squares, op.rstd.shape()), static_cast<double>(rows.elements()), op.eps,
             op.rstd);
}

void apply(Context& context, const Normalize& op, DType type, const TensorView& result) {
  static thread_local ProgramCache cache;
  auto dtype_or = [](const TensorView& view) { return view ? key_of(view.dtype) : 15; };
  uint64_t key =
      program_key({key_of(type), key_of(op.input.dtype), dtype_or(op.mean), key_of(op.rstd.dtype), dtype_or(op.weight),
                   dtype_or(op.bias), key_of(result.dtype), op.kind == NormalizeKind::kRms});
  std::vector<TensorView> inputs{op.input};
  auto shape = op.input.shape();
  bool centered = op.kind != NormalizeKind::kRms;
  if (centered) inputs.push_back(broadcast_to(op.mean, shape));
  inputs.push_back(broadcast_to(op.rstd, shape));
  if (op.weight) inputs.push_back(op.weight);
  if (op.bias) inputs.push_back(op.bias);
  ProgramRef program = cached_program(cache, key, [&](ProgramBuilder& p) {
    size_t at = 0;
    auto next = [&] { return cast(p.input(inputs[at++].dtype), type); };
    Expr y = next();
    if (centered) y = y - next();
    y = y * next();
    if (op.weight) y = y * next();
    if (op.bias) y = y + next();
    p.output(cast(y, compute_type(result.dtype)), result.dtype);
  });
  context.map(program, inputs, List<TensorView>(&result, 1));
}

}  // namespace

void run(Context& context, const Normalize& op) {
  if (op.output.numel() == 0) return;
  DType type = accumulate_type(op.input.dtype);
  if (type == DType::kF64) context.require_f64("normalize");
  if (!op.use_statistics) compute_statistics(context, op, type);
  if (!op.epilogue.program) return apply(context, op, type, op.output);
  TensorView result = context.scratch(op.epilogue.program->inputs[0], op.output.shape());
  apply(context, op, type, result);
  context.finish(result, op.epilogue, op.output);
}

}  // namespace lineshaft::vulkan
