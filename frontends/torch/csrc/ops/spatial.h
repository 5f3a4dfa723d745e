// Tensors [N, C, spatial...] or [C, spatial...] as the engine's [N, C, spatial...] views, and lists of spatial
// parameters.
#pragma once

#include "csrc/core/tensor.h"

namespace lineshaft::torch {

// The tensor with a batch axis in front where it has none.
inline TensorView batched(const at::Tensor& tensor, int spatial) {
  TensorView view = view_of(tensor);
  if (tensor.dim() != spatial + 1) return view;
  TensorView result = view;
  result.rank = static_cast<uint8_t>(view.rank + 1);
  result.sizes[0] = 1;
  result.strides[0] = view.numel();
  for (int i = 0; i < view.rank; ++i) {
    result.sizes[i + 1] = view.sizes[i];
    result.strides[i + 1] = view.strides[i];
  }
  return result;
}

// A parameter that the engine keeps in 32 bits.
inline int32_t small_number(int64_t value) {
  TORCH_CHECK(static_cast<int32_t>(value) == value,
              "lineshaft takes windows, strides, paddings, dilations, groups and divisors of at most ", INT32_MAX,
              "; got ", value);
  return static_cast<int32_t>(value);
}

// One value for all axes, or one for each; `otherwise` where none is given. Unused entries are `fill`.
inline Spatial spatial_of(c10::IntArrayRef values, int count, int32_t fill, const Spatial& otherwise = {1, 1, 1}) {
  Spatial result{fill, fill, fill};
  for (int i = 0; i < count; ++i)
    result[i] = values.empty() ? otherwise[i] : small_number(values[values.size() == 1 ? 0 : i]);
  return result;
}

}  // namespace lineshaft::torch
