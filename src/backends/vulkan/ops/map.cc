#include "lineshaft/ops/map.h"

#include "backends/vulkan/device/context.h"

namespace lineshaft::vulkan {

void run(Context& context, const Map& op) {
  context.map(op.program, op.inputs, op.outputs, op.args);
}

}  // namespace lineshaft::vulkan
