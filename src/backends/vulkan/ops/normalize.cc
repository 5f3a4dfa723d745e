#include "lineshaft/ops/normalize.h"

#include "backends/vulkan/device/context.h"
#include "backends/vulkan/ops/reduce_rows.h"
#include "backends/vulkan/planning/parts.h"
#include "lineshaft/program/program_cache.h"
#include "ops/normalize_program.h"

namespace lineshaft::vulkan {
namespace {

// rstd = 1 / sqrt(sum / n + eps)
void store_rstd(Context& context, const TensorView& sum, double n, double eps, const TensorView& rstd) {
  static ProgramCache cache;
  DType type = sum.dtype;
  ProgramRef program = cache.get(key_of(type, rstd.dtype), [&](ProgramBuilder& p) {
    Expr x = p.input(type), count = p.arg(type), small = p.arg(type);
    p.output(cast(rsqrt(x / count + small), compute_type(rstd.dtype)), rstd.dtype);
  });
  Scalar args[] = {Scalar::of(n), Scalar::of(eps)};
  context.map(program, List<TensorView>(&sum, 1), List<TensorView>(&rstd, 1), args);
}

TensorView sum_of_squares(Context& context, const Normalize& op, DType type) {
  static ProgramCache cache;
  const TensorView& input = op.input;
  ProgramRef program = cache.get(key_of(type, input.dtype), [&](ProgramBuilder& p) {
    Expr x = cast(p.input(input.dtype), type);
    p.output(x * x, type);
  });
  return sum_of_map(context, program, std::span(&input, 1), op.axes, type, op.rstd.shape());
}

void compute_statistics(Context& context, const Normalize& op, DType type) {
  int kept = longest_axis(op.input, ~uint32_t{op.axes});
  if (op.input.numel() > most_elements() && kept >= 0)
    return in_halves(op, kept, op.input.sizes[kept],
                     [&](const Normalize& part, int64_t) { compute_statistics(context, part, type); });
  if (op.kind == NormalizeKind::kRms) {
    int64_t elements = op.input.numel() / std::max<int64_t>(op.rstd.numel(), 1);
    return store_rstd(context, sum_of_squares(context, op, type), static_cast<double>(elements), op.eps, op.rstd);
  }
  Rows rows = rows_of(context, op.input, op.axes, type);
  Moments moments = moments_of_rows(context, rows);
  context.copy(dense_as(moments.mean, op.mean.shape()), op.mean);
  store_rstd(context, dense_as(moments.squares, op.rstd.shape()), static_cast<double>(rows.elements()), op.eps,
             op.rstd);
}

}  // namespace

void run(Context& context, const Normalize& op) {
  if (op.output.numel() == 0) return;
  DType type = accumulate_type(op.input.dtype);
  if (type == DType::kF64) context.require_f64("normalize");
  if (!op.use_statistics) compute_statistics(context, op, type);
  ProgramRef program = normalize_program(op, type, result_dtype(op.epilogue, op.output));
  std::vector<TensorView> inputs = normalize_inputs(op);
  if (!op.epilogue.program) return context.map(program, inputs, List<TensorView>(&op.output, 1));
  context.finish(program, inputs, op.epilogue, op.output);
}

}  // namespace lineshaft::vulkan
