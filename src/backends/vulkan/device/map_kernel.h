// Runs programs over views: `map`, and every conversion that other operations need.
#pragma once

#include "lineshaft/ops/operation.h"

namespace lineshaft::vulkan {

class Context;

void run_map(Context& context, ProgramRef program, List<TensorView> inputs, List<TensorView> outputs,
             List<Scalar> args);

}  // namespace lineshaft::vulkan
