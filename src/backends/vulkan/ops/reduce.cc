#include "lineshaft/ops/reduce.h"

#include <algorithm>

#include "backends/vulkan/ops/reduce_rows.h"
#include "backends/vulkan/ops/slices.h"
#include "backends/vulkan/planning/parts.h"
#include "lineshaft/program/expression.h"

namespace lineshaft::vulkan {
namespace {

// The values' type in the kernels.
DType kernel_type(ReduceKind kind, DType value) {
  if (kind == ReduceKind::kAny || kind == ReduceKind::kAll) return DType::kI32;
  if (is_float(value)) return accumulate_type(value);
  bool adds = kind == ReduceKind::kSum || kind == ReduceKind::kProd;
  return adds || value == DType::kI64 ? DType::kI64 : DType::kI32;
}

RowsKind rows_kind(ReduceKind kind) {
  switch (kind) {
    case ReduceKind::kSum:
      return RowsKind::kSum;
    case ReduceKind::kProd:
      return RowsKind::kProd;
    case ReduceKind::kMin:
    case ReduceKind::kAll:
    case ReduceKind::kArgMin:
    case ReduceKind::kMinIndex:
      return RowsKind::kMin;
    default:
      return RowsKind::kMax;
  }
}

TensorView values_of(Context& context, const Reduce& op) {
  if (!op.prologue) return op.inputs[0];
  TensorView values = context.scratch(value_dtype(op), op.inputs[0].shape());
  context.map(op.prologue, op.inputs, List<TensorView>(&values, 1), op.args);
  return values;
}

// sum of squares / max(n - correction, 0)
void store_variance(Context& context, const TensorView& squares, double divisor, const TensorView& variance) {
  ProgramBuilder builder;
  Expr x = builder.input(squares.dtype), by = builder.arg(squares.dtype);
  builder.output(cast(x / by, compute_type(variance.dtype)), variance.dtype);
  Scalar arg = Scalar::of(std::max(0.0, divisor));  // 0 for a divisor that is no number
  context.map(builder.finish(), List<TensorView>(&squares, 1), List<TensorView>(&variance, 1), List<Scalar>(&arg, 1));
}

// The reduction without its epilogue, into scratch of `dtype`.
TensorView reduced(Context& context, const Reduce& op, DType dtype) {
  Reduce plain = op;
  plain.epilogue = {};
  plain.output = context.scratch(dtype, op.output.shape());
  run(context, plain);
  return plain.output;
}

// Halves along a reduced axis, whose results are reduced once more.
void join_halves(Context& context, const Reduce& op, int axis, DType type) {
  std::vector<int64_t> sizes{2};
  for (int64_t size : op.output.shape()) sizes.push_back(size);
  TensorView both = context.scratch(type, sizes);
  int64_t kept = op.output.numel();
  in_halves(op, axis, op.inputs[0].sizes[axis], [&](const Reduce& half, int64_t first) {
    TensorView target = contiguous_view(both.buffer, type, op.output.shape(), first ? kept * size_of(type) : 0);
    context.copy(reduced(context, half, type), target);
  });
  Reduced joined = reduce_rows(context, {both, 1, 2, kept}, rows_kind(op.kind), false);
  context.finish(dense_as(joined.values, op.output.shape()), op.epilogue, op.output);
}

// On more elements than kernels count: in parts. Programs that ask for their position run on the whole.
void run_large(Context& context, const Reduce& op, DType type) {
  if (op.prologue && op.prologue->uses_index) {
    Reduce plain = op;
    TensorView values = values_of(context, op);
    plain.prologue = nullptr;
    plain.inputs = List<TensorView>(&values, 1);
    plain.args = {};
    return run_large(context, plain, type);
  }
  if (op.epilogue.program && op.epilogue.program->uses_index)
    return context.finish(reduced(context, op, op.epilogue.program->inputs[0]), op.epilogue, op.output);
  if (ran_in_parts(context, op, ~uint32_t{op.axes})) return;
  int axis = longest_axis(op.inputs[0], op.axes);
  bool joins = !op.indices && op.kind != ReduceKind::kArgMin && op.kind != ReduceKind::kArgMax &&
               op.kind != ReduceKind::kMeanVar;
  if (!joins || axis < 0) element_count(op.inputs[0].numel());
  join_halves(context, op, axis, type);
}

}  // namespace

void run(Context& context, const Reduce& op) {
  if (op.output.numel() == 0) return;
  auto shape = op.output.shape();
  DType value = value_dtype(op), type = kernel_type(op.kind, value);
  if (type == DType::kF64) context.require_f64("reduce");
  if (is_too_large(op)) return run_large(context, op, type);
  TensorView values = values_of(context, op);
  bool logical = op.kind == ReduceKind::kAny || op.kind == ReduceKind::kAll;
  if (logical && value != DType::kBool) values = context.dense(values, DType::kBool);
  bool argument = op.kind == ReduceKind::kArgMin || op.kind == ReduceKind::kArgMax;
  Rows rows = rows_of(context, values, op.axes, type, argument || op.indices);
  if (op.kind == ReduceKind::kMeanVar) {
    Moments moments = moments_of_rows(context, rows);
    context.finish(dense_as(moments.mean, shape), op.epilogue, op.output);
    if (op.variance)
      store_variance(context, dense_as(moments.squares, shape), static_cast<double>(rows.elements()) - op.correction,
                     op.variance);
    return;
  }
  if (logical && rows.elements() == 0) {
    TensorView empty = context.scratch(DType::kI32, shape);
    context.fill(empty, op.kind == ReduceKind::kAll);
    return context.finish(empty, op.epilogue, op.output);
  }
  Reduced result = reduce_rows(context, rows, rows_kind(op.kind), argument || op.indices);
  context.finish(dense_as(argument ? result.positions : result.values, shape), op.epilogue, op.output);
  if (op.indices) context.copy(dense_as(result.positions, shape), op.indices);
}

}  // namespace lineshaft::vulkan
