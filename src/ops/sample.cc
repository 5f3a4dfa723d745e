#include "lineshaft/ops/sample.h"

#include "ops/operands.h"

namespace lineshaft {

void validate(const Sample& op) {
  require_memory(op, {"parameter", "probability"});
  LS_REQUIRE(is_valid(op.kind), "sample ", static_cast<int>(op.kind), " is unknown");
  require_present("parameter", op.parameter);
  LS_REQUIRE(op.parameter.dtype == DType::kF32 || op.parameter.dtype == DType::kF64, "parameter is ",
             name_of(op.parameter.dtype), "; it takes f32 or f64");
  require_dtype("output", op.output, op.parameter.dtype);
  require_shape("output", op.output, op.parameter.shape());
  if (op.kind != SampleKind::kBinomial) {
    LS_REQUIRE(!op.probability, "probability is given; only binomial samples take one");
    return;
  }
  require_dtype("probability", op.probability, op.parameter.dtype);
  require_shape("probability", op.probability, op.parameter.shape());
}

}  // namespace lineshaft
