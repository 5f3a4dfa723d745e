#include "lineshaft/ops/reduce.h"

#include "backends/cpu/program/epilogue.h"
#include "backends/cpu/program/reduction.h"

namespace lineshaft::cpu {
namespace {

// Where results go: straight to the view where it holds such values without gaps, else to scratch.
std::byte* results_for(Context& context, const TensorView& view, DType type, const Epilogue& epilogue) {
  if (!epilogue.program && view.dtype == type && view.is_contiguous()) return context.data(view);
  return context.scratch<std::byte>(std::max<int64_t>(1, view.numel() * size_of(type)));
}

}  // namespace

void run(Context& context, const Reduce& op) {
  if (op.output.numel() == 0) return;
  ProgramRef program = op.prologue ? op.prologue : identity_program(op.inputs[0].dtype);
  DType type = compute_type(value_dtype(op)), result = reduced_type(op.kind, type);
  ReducedValue value{.kind = op.kind, .correction = op.correction};
  std::byte* out = results_for(context, op.output, result, op.epilogue);
  std::byte* second = nullptr;
  value.out = out;
  if (op.indices) value.second = second = results_for(context, op.indices, DType::kI64, {});
  if (op.variance) value.second = second = results_for(context, op.variance, type, {});
  Reduction(context, program, op.inputs, op.args, op.axes, {value}).run();
  store_results(context, out, result, op.epilogue, op.output);
  if (op.indices) store_results(context, second, DType::kI64, {}, op.indices);
  if (op.variance) store_results(context, second, type, {}, op.variance);
}

}  // namespace lineshaft::cpu
