// The spatial axes that regular resampling leaves as they are, as no interpolation is at work there: along them no tap
// of weight 0 spreads NaN.
#pragma once

#include <algorithm>
#include <span>

#include "lineshaft/ops/resample.h"

namespace lineshaft {

// Bit i for spatial axis i. Linear interpolation keeps an axis whose size it keeps, antialiasing on the way forward
// only, and the gradient of cubic interpolation where all axes keep theirs.
inline uint32_t kept_axes(const ResampleGeometry& geometry, std::span<const int64_t> input,
                          std::span<const int64_t> output, bool gradient) {
  if (geometry.kind != ResampleKind::kLinear && geometry.kind != ResampleKind::kCubic) return 0;
  bool cubic = geometry.kind == ResampleKind::kCubic, all = std::ranges::equal(input, output);
  if (geometry.antialias ? gradient : cubic && !(gradient && all)) return 0;
  uint32_t kept = 0;
  for (size_t i = 0; i < input.size(); ++i)
    if (input[i] == output[i]) kept |= 1u << i;
  return kept;
}

}  // namespace lineshaft
