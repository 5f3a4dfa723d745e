#include "lineshaft/ops/map_each.h"

#include "backends/vulkan/device/context.h"

namespace lineshaft::vulkan {

// One dispatch a group, without barriers between them: groups are independent.
void run(Context& context, const MapEach& op) {
  std::vector<TensorView> scratch;
  for (size_t g = 0; g < group_count(op); ++g) run(context, group_of(op, g, scratch));
}

}  // namespace lineshaft::vulkan
