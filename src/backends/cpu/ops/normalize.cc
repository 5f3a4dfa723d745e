#include "ops/normalize.h"

#include "backends/cpu/program/epilogue.h"
#include "backends/cpu/program/map_run.h"
#include "backends/cpu/program/program_cache.h"
#include "backends/cpu/program/reduction.h"
#include "program/compose.h"

namespace lineshaft::cpu {
namespace {

thread_local ProgramCache programs;

ProgramRef square_program(DType input, DType type) {
  return programs.get({0, static_cast<int>(input), static_cast<int>(type)}, [&](ProgramBuilder& p) {
    Expr x = cast(p.input(input), type);
    p.output(x * x, type);
  });
}

// From variances, or sums of squares and 1 / count.
ProgramRef rstd_program(NormalizeKind kind, DType type) {
  return programs.get({1, static_cast<int>(kind), static_cast<int>(type)}, [&](ProgramBuilder& p) {
    Expr v = p.input(type), eps = p.arg(type), scale = p.arg(type);
    p.output(rsqrt((kind == NormalizeKind::kRms ? v * scale : v) + eps), type);
  });
}

// Inputs: input, rstd, and of mean, weight and bias those that are present.
ProgramRef apply_program(const Normalize& op, DType type, DType result) {
  std::initializer_list<int> key{2,
                                 key_of(op.input),
                                 key_of(op.mean),
                                 key_of(op.weight),
                                 key_of(op.bias),
                                 static_cast<int>(type),
                                 static_cast<int>(result)};
  return programs.get(key, [&](ProgramBuilder& p) {
    Expr x = cast(p.input(op.input.dtype), type), rstd = p.input(type);
    if (op.mean) x = x - p.input(type);
    x = x * rstd;
    if (op.weight) x = x * cast(p.input(op.weight.dtype), type);
    if (op.bias) x = x + cast(p.input(op.bias.dtype), type);
    p.output(x, result);
  });
}

void take_statistics(Context& context, const Normalize& op, DType type) {
  int64_t groups = op.rstd.numel(), count = op.input.numel() / std::max<int64_t>(groups, 1);
  int64_t bytes = std::max<int64_t>(groups, 1) * size_of(type);
  std::byte* spread = context.scratch<std::byte>(bytes);  // variances, or sums of squares
  if (op.kind == NormalizeKind::kRms) {
    Reduction(context, square_program(op.input.dtype, type), {&op.input, 1}, {}, op.axes, {{.out = spread}}).run();
  } else {
    bool direct = op.mean.is_contiguous();
    std::byte* mean = direct ? context.data(op.mean) : context.scratch<std::byte>(bytes);
    Reduction(context, identity_program(op.input.dtype), {&op.input, 1}, {}, op.axes,
              {{.kind = ReduceKind::kMeanVar, .out = mean, .second = spread}})
        .run();
    store_results(context, mean, type, {}, op.mean);
  }
  Scalar args[] = {Scalar::of(op.eps), Scalar::of(1.0 / static_cast<double>(std::max<int64_t>(count, 1)))};
  TensorView view = contiguous_view(op.rstd.buffer, type, op.rstd.shape());
  std::byte* addresses[] = {spread, context.data(op.rstd)};
  run_map(MapRun(rstd_program(op.kind, type), {&view, 1}, {&op.rstd, 1}, args, addresses));
}

void apply(Context& context, const Normalize& op, DType type) {
  std::vector<TensorView> inputs{op.input, broadcast_to(op.rstd, op.input.shape())};
  if (op.mean) inputs.push_back(broadcast_to(op.mean, op.input.shape()));
  if (op.weight) inputs.push_back(op.weight);
  if (op.bias) inputs.push_back(op.bias);
  const Epilogue& epilogue = op.epilogue;
  ProgramRef program = apply_program(op, type, epilogue.program ? epilogue.program->inputs[0] : op.output.dtype);
  if (epilogue.program) {
    std::vector<Wire> wires{{Wire::kFirstOutput, 0}};
    for (uint8_t i = 0; i < epilogue.inputs.size(); ++i) wires.push_back({Wire::kNewInput, i});
    const uint8_t replaced[] = {0};
    program = compose(program, epilogue.program, wires, replaced);
    inputs.insert(inputs.end(), epilogue.inputs.begin(), epilogue.inputs.end());
  }
  run_map(MapRun(context, Map{program, inputs, {&op.output, 1}, epilogue.args}));
}

}  // namespace

void run(Context& context, const Normalize& op) {
  if (op.rstd.numel() == 0) return;
  DType type = op.rstd.dtype;
  if (!op.use_statistics) take_statistics(context, op, type);
  if (op.output.numel() > 0) apply(context, op, type);
}

}  // namespace lineshaft::cpu
