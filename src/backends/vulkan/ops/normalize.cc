#include "lineshaft/ops/normalize.h"

#include <utility>

#include "backends/vulkan/device/context.h"
#include "backends/vulkan/ops/reduce_rows.h"
#include "backends/vulkan/planning/parts.h"
#include "lineshaft/program/program_cache.h"

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

// The program and its inputs that give `result` without the epilogue.
struct Application {
  ProgramRef program;
  std::vector<TensorView> inputs;
};

Application application_of(const Normalize& op, DType type, DType result) {
  static ProgramCache cache;
  uint64_t key = key_of(type, op.input.dtype, dtype_or_absent(op.mean), op.rstd.dtype, dtype_or_absent(op.weight),
                        dtype_or_absent(op.bias), result, op.kind == NormalizeKind::kRms);
  std::vector<TensorView> inputs{op.input};
  auto shape = op.input.shape();
  bool centered = op.kind != NormalizeKind::kRms;
  if (centered) inputs.push_back(broadcast_to(op.mean, shape));
  inputs.push_back(broadcast_to(op.rstd, shape));
  if (op.weight) inputs.push_back(op.weight);
  if (op.bias) inputs.push_back(op.bias);
  ProgramRef program = cache.get(key, [&](ProgramBuilder& p) {
    size_t at = 0;
    auto next = [&] { return cast(p.input(inputs[at++].dtype), type); };
    Expr y = next();
    if (centered) y = y - next();
    y = y * next();
    if (op.weight) y = y * next();
    if (op.bias) y = y + next();
    p.output(cast(y, compute_type(result)), result);
  });
  return {program, std::move(inputs)};
}

}  // namespace

void run(Context& context, const Normalize& op) {
  if (op.output.numel() == 0) return;
  DType type = accumulate_type(op.input.dtype);
  if (type == DType::kF64) context.require_f64("normalize");
  if (!op.use_statistics) compute_statistics(context, op, type);
  if (!op.epilogue.program) {
    Application plain = application_of(op, type, op.output.dtype);
    return context.map(plain.program, plain.inputs, List<TensorView>(&op.output, 1));
  }
  Application result = application_of(op, type, op.epilogue.program->inputs[0]);
  context.finish(result.program, result.inputs, op.epilogue, op.output);
}

}  // namespace lineshaft::vulkan
