// Resampling for cases where the loops over all axes have too many iterations for one dispatch.
#pragma once

#include "backends/vulkan/device/context.h"
#include "backends/vulkan/planning/resampling.h"

namespace lineshaft::vulkan {

// Resamples on a regular grid from `source` to `target`, both dense, axis by axis, in dispatches whose loops do not
// exceed the device's limit.
void resample_by_axes(Context& context, const ResampleGeometry& geometry, const TensorView& source,
                      const TensorView& target, bool gradient);

}  // namespace lineshaft::vulkan
