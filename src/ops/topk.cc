#include "lineshaft/ops/topk.h"

#include "ops/operands.h"

namespace lineshaft {

void validate(const TopK& op) {
  require_memory(op);
  require_present("input", op.input);
  require_axis(op.axis, op.input.rank);
  require_rank("values", op.values, op.input.rank);
  require_dtype("values", op.values, op.input.dtype);
  for (int i = 0; i < op.input.rank; ++i) {
    int64_t size = op.input.sizes[i], given = op.values.sizes[i];
    LS_REQUIRE(i == op.axis ? given <= size : given == size, "values have size ", given, " on axis ", i,
               i == op.axis ? "; k is at most " : "; it takes ", size);
  }
  require_dtype("indices", op.indices, DType::kI64);
  require_shape("indices", op.indices, op.values.shape());
}

}  // namespace lineshaft
