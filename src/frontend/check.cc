#include "lineshaft/frontend/check.h"

#include "lineshaft/frontend/reduction.h"

namespace lineshaft::frontend {

void record_requirement(Stream& stream, Requirement requirement, const TensorView& holds, const TensorView& all) {
  Reduction reduction(holds, static_cast<uint8_t>((1u << holds.rank) - 1), false);
  Reduce op;
  op.kind = ReduceKind::kAll;
  op.output = reduction.output(all);
  reduction.record(stream, op);
  stream.record(Check{requirement, all});
}

}  // namespace lineshaft::frontend
