// Indices to element numbers, on the device.
#pragma once

#include "backends/vulkan/device/context.h"
#include "backends/vulkan/planning/index_space.h"

namespace lineshaft::vulkan {

// Words of 32 bits over the outer axes, row-major: the number of the element within `region` (reachable())
// `bound` (the region itself or its elements widened) is bound, or ~0 where an index passes its bound, which is
// reported.
TensorView resolve_elements(Context& context, const IndexSpace& space, const TensorView& base, const TensorView& region,
                            const TensorView& bound, List<TensorView> indices, List<int64_t> index_strides,
                            List<int64_t> bounds, bool wrap);

}  // namespace lineshaft::vulkan
