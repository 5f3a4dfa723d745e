#include "lineshaft/ops/scatter.h"

#include <cmath>

#include "lineshaft/ops/gather.h"
#include "ops/operands.h"

namespace lineshaft {

Scalar scatter_identity(ScatterKind kind, DType dtype) {
  LS_REQUIRE(is_valid(kind) && kind != ScatterKind::kAssign, "scatter ", name_of(kind),
             " has no identity; add, multiply, min and max have one");
  bool least = kind == ScatterKind::kMax;
  if (kind == ScatterKind::kAdd || kind == ScatterKind::kMultiply) {
    int64_t number = kind == ScatterKind::kMultiply;
    return is_float(dtype) ? Scalar::of(static_cast<double>(number)) : Scalar::of(number);
  }
  if (is_float(dtype)) return Scalar::of(least ? -HUGE_VAL : HUGE_VAL);
  if (dtype == DType::kBool) return Scalar::of(int64_t{!least});
  if (dtype == DType::kU8) return Scalar::of(int64_t{least ? 0 : 255});
  int64_t highest = INT64_MAX >> (64 - 8 * size_of(dtype));
  return Scalar::of(least ? -highest - 1 : highest);
}

void validate(const Scatter& op) {
  LS_REQUIRE(is_valid(op.kind), "scatter ", static_cast<int>(op.kind), " is unknown");
  require_view("source", op.source);
  validate_indices(op.target, op.indices, op.index_strides, op.bounds, op.source);
  for (int i = 0; i < op.target.rank; ++i)
    LS_REQUIRE(op.target.strides[i] >= 0, "target has stride ", op.target.strides[i], " on axis ", i,
               "; negative strides are for inputs only");
  require_dtype("source", op.source, op.target.dtype);
  std::vector<Operand> operands;
  operands.push_back(
      {.name = "target", .view = reachable(op.target, op.index_strides, op.bounds), .read = true, .written = true});
  for (const TensorView& index : op.indices) operands.push_back({.name = "an index", .view = index, .read = true});
  operands.push_back({.name = "source", .view = op.source, .read = true});
  require_operands(operands);
}

}  // namespace lineshaft
