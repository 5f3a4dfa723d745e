#include "lineshaft/ops/compact.h"

#include "ops/operands.h"

namespace lineshaft {

void validate(const Compact& op) {
  require_memory(op);
  require_present("mask", op.mask);
  require_dtype("positions", op.positions, DType::kI64);
  require_shape("positions", op.positions, std::array{op.mask.numel()});
  require_dtype("count", op.count, DType::kI64);
  LS_REQUIRE(op.count.numel() == 1, "count has ", op.count.numel(), " elements; it takes one");
}

}  // namespace lineshaft
