// Tensors [N, C, spatial...] or [C, spatial...] and lists of spatial parameters (frontend/spatial.h).
#pragma once

#include "csrc/core/tensor.h"
#include <lineshaft/frontend/spatial.h>

namespace lineshaft::torch {

using frontend::small_number;

// The tensor with a batch axis in front where it has none.
inline TensorView batched(const at::Tensor& tensor, int spatial) {
  return frontend::batched(view_of(tensor), spatial);
}

// One value for all axes, or one for each; `otherwise` where none is given. Unused entries are `fill`.
inline Spatial spatial_of(c10::IntArrayRef values, int count, int32_t fill, const Spatial& otherwise = {1, 1, 1}) {
  return frontend::spatial_of({values.data(), values.size()}, count, fill, otherwise);
}

}  // namespace lineshaft::torch
