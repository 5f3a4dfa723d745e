// Lines over the last axes of a view, as in layer normalization.
#pragma once

#include "lineshaft/tensor/tensor_view.h"

namespace lineshaft::cpu {

// The first of the reduced axes, where these are the last axes and `view` is contiguous along them; else -1.
int first_line_axis(const TensorView& view, uint8_t axes);

}  // namespace lineshaft::cpu
