// Views of images: [N, C, spatial...], batches of channels, and the spatial parameters of windows and convolutions.
#pragma once

#include <algorithm>
#include <climits>
#include <span>

#include "lineshaft/base/error.h"
#include "lineshaft/base/export.h"
#include "lineshaft/ops/conv.h"

namespace lineshaft::frontend {

// The view [N, C, spatial...] with a batch axis of size 1 in front where it is [C, spatial...].
inline TensorView batched(const TensorView& view, int spatial) {
  if (view.rank != spatial + 1) return view;
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
  LS_REQUIRE(static_cast<int32_t>(value) == value,
             "lineshaft takes windows, strides, paddings, dilations, groups and divisors of at most ", INT32_MAX,
             "; got ", value);
  return static_cast<int32_t>(value);
}

// One value for all of `count` axes, or one for each; `otherwise` where none is given. Unused entries are `fill`.
inline Spatial spatial_of(std::span<const int64_t> values, int count, int32_t fill,
                          const Spatial& otherwise = {1, 1, 1}) {
  Spatial result{fill, fill, fill};
  LS_REQUIRE(count <= static_cast<int>(result.size()), "lineshaft takes at most ", result.size(), " spatial axes; got ",
             count);
  LS_REQUIRE(values.size() <= 1 || values.size() >= static_cast<size_t>(std::max(count, 0)), values.size(),
             " values are given for ", count, " spatial axes; give one, or one for each");
  for (int i = 0; i < count; ++i)
    result[i] = values.empty() ? otherwise[i] : small_number(values[values.size() == 1 ? 0 : i]);
  return result;
}

// The windows of images [N, C, spatial...] that are dense in memory, as [N * C, kernel..., windows...]: a convolution's
// products without a copy. The geometry's padding does not count; what it asks for lies around the images already.
LINESHAFT_EXPORT TensorView sliding_windows(const TensorView& images, std::span<const int64_t> kernel,
                                            const ConvGeometry& geometry);

// One spatial axis of a transposed convolution that is computed as a convolution of stride 1: its input, the elements a
// stride apart, and around it zeros (below 0: elements that are cut off), convolved with the kernel turned round.
struct SpreadAxis {
  int64_t size;  // of the input with the gaps of the stride
  int64_t before, after;
};
LINESHAFT_EXPORT SpreadAxis spread_axis(int64_t input, int64_t kernel, int64_t output, const ConvGeometry& geometry,
                                        int i);

// The vector broadcast to the sizes of `like`, along axis `axis`; absent where the vector is.
inline TensorView broadcast_channels(const TensorView& vector, const TensorView& like, int axis = 1) {
  if (!vector) return {};
  TensorView result = like;
  result.buffer = vector.buffer;
  result.offset = vector.offset;
  result.dtype = vector.dtype;
  for (int i = 0; i < result.rank; ++i) result.strides[i] = i == axis ? vector.strides[0] : 0;
  return result;
}

// The vector as [1, C, 1, ...] of `rank` axes: what a reduction over all but the channels gives.
inline TensorView reduced_channels(const TensorView& vector, int rank, int axis = 1) {
  if (!vector) return {};
  TensorView view = vector;
  int64_t size = view.sizes[0], stride = view.strides[0];
  view.rank = static_cast<uint8_t>(rank);
  for (int i = 0; i < rank; ++i) {
    view.sizes[i] = i == axis ? size : 1;
    view.strides[i] = i == axis ? stride : 1;
  }
  return view;
}

// All axes of a tensor of `rank` axes but the channels, as bits.
inline uint8_t all_but_channels(int rank, int axis = 1) {
  return static_cast<uint8_t>(((1u << rank) - 1) & ~(1u << axis));
}

}  // namespace lineshaft::frontend
