#include "csrc/core/check.h"

#include <ATen/ops/all.h>

namespace lineshaft::torch {

void require_all(const at::Tensor& holds, Requirement requirement) {
  // One element to look at; what `holds` is computed from folds into the reduction.
  at::Tensor all = holds.all();
  Check op;
  op.requirement = requirement;
  op.condition = view_of(all);
  stream_of(all).record(op);
}

}  // namespace lineshaft::torch
