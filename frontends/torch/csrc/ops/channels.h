// Vectors of channels beside tensors [N, C, ...] (frontend/spatial.h).
#pragma once

#include "csrc/core/tensor.h"
#include <lineshaft/frontend/spatial.h>

namespace lineshaft::torch {

using frontend::all_but_channels;

// The vector broadcast to the sizes of `like`, along its axis 1.
inline TensorView broadcast_channels(const at::Tensor& vector, const at::Tensor& like) {
  return frontend::broadcast_channels(view_of(vector), view_of(like));
}
inline TensorView broadcast_channels(const OptionalTensor& vector, const at::Tensor& like) {
  return present(vector) ? broadcast_channels(*vector, like) : TensorView{};
}

// The vector as [1, C, 1, ...] of `rank` axes: what a reduction over all but the channels gives.
inline TensorView reduced_channels(const at::Tensor& vector, int rank) {
  return frontend::reduced_channels(view_of(vector), rank);
}

}  // namespace lineshaft::torch
