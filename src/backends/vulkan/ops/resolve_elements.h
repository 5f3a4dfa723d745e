// Converts indices to element numbers on the device.
#pragma once

#include "backends/vulkan/device/context.h"
#include "backends/vulkan/planning/index_space.h"

namespace lineshaft::vulkan {

// A row-major tensor of 32-bit words over the outer axes of `space`: the number of the element that the indices select,
// counted from the start of `region`, which is the result of reachable(). Where an index is outside its bound, the word
// is ~0 and the index is reported. `bound` is the tensor that kernels bind: `region` itself, or a copy of it with
// converted elements.
TensorView resolve_elements(Context& context, const IndexSpace& space, const TensorView& base, const TensorView& region,
                            const TensorView& bound, List<TensorView> indices, List<int64_t> index_strides,
                            List<int64_t> bounds, bool wrap);

}  // namespace lineshaft::vulkan
