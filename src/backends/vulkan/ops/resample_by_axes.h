// Resampling whose loops over all axes turn too often for one dispatch.
#pragma once

#include "backends/vulkan/device/context.h"
#include "backends/vulkan/planning/resampling.h"

namespace lineshaft::vulkan {

// Regular resampling axis by axis, in dispatches whose loops the device lets turn: from `source` to `target`, both
// dense.
void resample_by_axes(Context& context, const ResampleGeometry& geometry, const TensorView& source,
                      const TensorView& target, bool gradient);

}  // namespace lineshaft::vulkan
