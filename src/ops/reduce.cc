#include "lineshaft/ops/reduce.h"

#include "ops/operands.h"

namespace lineshaft {
namespace {

bool has_index(ReduceKind kind) {
  return kind == ReduceKind::kMinIndex || kind == ReduceKind::kMaxIndex;
}

// Minima and maxima of nothing do not exist.
bool needs_element(ReduceKind kind) {
  return kind == ReduceKind::kMin || kind == ReduceKind::kMax || kind == ReduceKind::kArgMin ||
         kind == ReduceKind::kArgMax || has_index(kind);
}

void require_shapes(const Reduce& op) {
  const TensorView& input = op.inputs[0];
  for (const TensorView& view : op.inputs) require_shape("an input", view, input.shape());
  LS_REQUIRE(op.axes >> input.rank == 0, "axes 0x", std::hex, int{op.axes}, " name an axis outside rank ", std::dec,
             int{input.rank});
  bool none = false;
  for (int i = 0; i < input.rank; ++i) none |= (op.axes >> i & 1) && input.sizes[i] == 0;
  Sizes kept = reduce_output_sizes(input.shape(), op.axes);
  std::span<const int64_t> sizes(kept.data(), kept.size());
  require_shape("output", op.output, sizes);
  LS_REQUIRE(!needs_element(op.kind) || !none || op.output.numel() == 0,
             "a minimum or maximum over no elements does not exist; the input has sizes ", shape_text(input.shape()));
  if (op.indices) require_shape("indices", op.indices, sizes);
  if (op.variance) require_shape("variance", op.variance, sizes);
}

void require_dtypes(const Reduce& op) {
  DType value = value_dtype(op), result = result_dtype(op.epilogue, op.output);
  auto require = [&](bool fits, const char* takes) {
    LS_REQUIRE(fits, "the result of reducing ", name_of(value), " is stored as ", name_of(result), "; it takes ",
               takes);
  };
  switch (op.kind) {
    case ReduceKind::kSum:
    case ReduceKind::kProd:
      if (is_float(value)) return require(is_float(result), "a float dtype");
      return require(is_int(result), "an integer dtype");
    case ReduceKind::kMin:
    case ReduceKind::kMax:
    case ReduceKind::kMinIndex:
    case ReduceKind::kMaxIndex:
      return require(result == value, "the same dtype");
    case ReduceKind::kAny:
    case ReduceKind::kAll:
      return require(result == DType::kBool, "bool");
    case ReduceKind::kArgMin:
    case ReduceKind::kArgMax:
      return require(result == DType::kI64, "i64");
    case ReduceKind::kMeanVar:
      return require(is_float(value) && is_float(result), "a float dtype, of floats");
  }
  fail(ErrorCode::kInvalidArgument, "reduction ", static_cast<int>(op.kind), " is unknown");
}

}  // namespace

Sizes reduce_output_sizes(std::span<const int64_t> input, uint8_t axes) {
  Sizes sizes(input.begin(), input.end());
  for (size_t i = 0; i < sizes.size(); ++i)
    if (axes >> i & 1) sizes[i] = 1;
  return sizes;
}

DType value_dtype(const Reduce& op) {
  return op.prologue ? op.prologue->outputs[0] : op.inputs[0].dtype;
}

void validate(const Reduce& op) {
  require_memory(op, {"inputs"});
  LS_REQUIRE(!op.inputs.empty(), "a reduce has no input; it takes one at least");
  if (op.prologue) {
    LS_REQUIRE(op.prologue->outputs.size() == 1, "a prologue gives ", op.prologue->outputs.size(),
               " outputs; it takes one");
    TensorView value = op.inputs[0];
    value.dtype = op.prologue->outputs[0];
    require_program(op.prologue, op.inputs, {&value, 1}, op.args.size());
    require_space(op.prologue, op.inputs[0].rank);
  } else {
    LS_REQUIRE(op.inputs.size() == 1 && op.args.empty(), "a reduce without a prologue has ", op.inputs.size(),
               " inputs and ", op.args.size(), " arguments; it takes one input and no argument");
  }
  require_shapes(op);
  require_epilogue(op.epilogue, op.output);
  require_dtypes(op);
  LS_REQUIRE(has_index(op.kind) == static_cast<bool>(op.indices), "indices are ", op.indices ? "given" : "missing",
             "; kMinIndex and kMaxIndex take them, no other kind does");
  if (op.indices) require_dtype("indices", op.indices, DType::kI64);
  bool mean = op.kind == ReduceKind::kMeanVar;
  LS_REQUIRE(mean == static_cast<bool>(op.variance), "variance is ", op.variance ? "given" : "missing",
             "; kMeanVar takes it, no other kind does");
  if (mean) {
    require_float("variance", op.variance);
    LS_REQUIRE(!op.epilogue.program, "kMeanVar takes no epilogue");
  }
}

}  // namespace lineshaft
