// Lines over the last axes of a view, as layer norm has them.
#pragma once

#include "lineshaft/tensor/tensor_view.h"

namespace lineshaft::cpu {

// The first of the axes that are reduced, where these are the last axes and `view` has no gaps along them; else -1.
int first_line_axis(const TensorView& view, uint8_t axes);

}  // namespace lineshaft::cpu
