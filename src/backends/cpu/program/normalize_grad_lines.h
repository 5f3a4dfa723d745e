// The gradients of layer normalization and similar normalizations in one pass over memory.
#pragma once

#include "backends/cpu/context.h"

namespace lineshaft::cpu {

// Requires dense operands of one dtype whose normalized axes are the last ones; otherwise does nothing and returns
// false. The results have the same bits as those of the reductions and maps that are used otherwise.
bool run_grad_in_lines(Context& context, const NormalizeGrad& op);

}  // namespace lineshaft::cpu
