#include "lineshaft/ops/scan.h"

#include "ops/operands.h"

namespace lineshaft {

void validate(const Scan& op) {
  require_memory(op, {"input"});
  require_present("input", op.input);
  require_axis(op.axis, op.input.rank);
  require_shape("output", op.output, op.input.shape());
  LS_REQUIRE(is_valid(op.kind), "scan ", static_cast<int>(op.kind), " is unknown");
  bool extreme = op.kind == ScanKind::kMax || op.kind == ScanKind::kMin;
  if (extreme) {
    require_dtype("output", op.output, op.input.dtype);
  } else if (op.kind == ScanKind::kLogSumExp) {
    require_float("input", op.input);
    require_float("output", op.output);
  } else {
    LS_REQUIRE(is_float(op.input.dtype) ? is_float(op.output.dtype) : is_int(op.output.dtype), "a running sum of ",
               name_of(op.input.dtype), " is stored as ", name_of(op.output.dtype), "; it takes ",
               is_float(op.input.dtype) ? "a float" : "an integer", " dtype");
  }
  if (!op.indices) return;
  LS_REQUIRE(extreme, "indices are given; kMax and kMin take them, no other kind does");
  require_shape("indices", op.indices, op.input.shape());
  require_dtype("indices", op.indices, DType::kI64);
}

}  // namespace lineshaft
