// The rules that normalize and its gradient share.
#pragma once

#include "lineshaft/ops/normalize.h"

namespace lineshaft {

// The kind, the input's dtype, and that `axes` are some of its axes.
void require_normalize_axes(uint8_t axes, NormalizeKind kind, const TensorView& input);
// mean (kStandard) and rstd: f32 or f64, the input's sizes with 1 on the axes.
void require_statistics(uint8_t axes, NormalizeKind kind, const TensorView& input, const TensorView& mean,
                        const TensorView& rstd);

}  // namespace lineshaft
