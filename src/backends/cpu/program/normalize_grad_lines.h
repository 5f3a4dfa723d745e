// The gradients of layer norm and its like in one pass over memory.
#pragma once

#include "backends/cpu/context.h"

namespace lineshaft::cpu {

// Returns false, having done nothing, where the operands do not lie as it takes them: without gaps, the axes last, all
// of one dtype. Gives the same bits as the reductions and maps that serve otherwise.
bool run_grad_in_lines(Context& context, const NormalizeGrad& op);

}  // namespace lineshaft::cpu
