// Vectors of channels beside tensors [N, C, ...].
#pragma once

#include "csrc/core/tensor.h"

namespace lineshaft::torch {

// The vector broadcast to the sizes of `like`, along its axis 1.
inline TensorView broadcast_channels(const at::Tensor& vector, const at::Tensor& like) {
  TensorView view = view_of(vector), result = view_of(like);
  result.buffer = view.buffer;
  result.offset = view.offset;
  result.dtype = view.dtype;
  for (int i = 0; i < result.rank; ++i) result.strides[i] = i == 1 ? view.strides[0] : 0;
  return result;
}
inline TensorView broadcast_channels(const OptionalTensor& vector, const at::Tensor& like) {
  return present(vector) ? broadcast_channels(*vector, like) : TensorView{};
}

// The vector as [1, C, 1, ...] of `rank` axes: what a reduction over all but the channels gives.
inline TensorView reduced_channels(const at::Tensor& vector, int rank) {
  if (!vector.defined()) return {};
  TensorView view = view_of(vector);
  int64_t stride = view.strides[0];
  view.rank = static_cast<uint8_t>(rank);
  for (int i = 0; i < rank; ++i) {
    view.sizes[i] = i == 1 ? vector.size(0) : 1;
    view.strides[i] = i == 1 ? stride : 1;
  }
  return view;
}

// All axes of a tensor of `rank` axes but the channels, as bits.
inline uint8_t all_but_channels(int rank) {
  return static_cast<uint8_t>(((1u << rank) - 1) & ~2u);
}

}  // namespace lineshaft::torch
