// Views of images [N, C, spatial...], and the spatial parameters of pooling and convolutions.
#pragma once

#include <algorithm>
#include <climits>
#include <span>

#include "lineshaft/base/error.h"
#include "lineshaft/base/export.h"
#include "lineshaft/ops/conv.h"

namespace lineshaft::frontend {

// A view [C, spatial...] with a batch axis of size 1 in front; a view [N, C, spatial...] unchanged. `spatial` is the
// number of spatial axes.
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

// A parameter that the engine stores in 32 bits. Throws Error(kInvalidArgument) where it does not fit.
inline int32_t small_number(int64_t value) {
  LS_REQUIRE(static_cast<int32_t>(value) == value,
             "lineshaft takes windows, strides, paddings, dilations, groups and divisors of at most ", INT32_MAX,
             "; got ", value);
  return static_cast<int32_t>(value);
}

// Parameters of `count` spatial axes. `values` holds one value for all axes, or one for each axis; where it is empty,
// `otherwise` is used. Unused entries become `fill`. Throws Error(kInvalidArgument) for fewer values, and for more than
// 3 axes.
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

// The windows of dense images [N, C, spatial...] as a view [N * C, kernel..., windows...], without a copy. The
// geometry's padding is ignored: the caller has padded the images already.
LINESHAFT_EXPORT TensorView sliding_windows(const TensorView& images, std::span<const int64_t> kernel,
                                            const ConvGeometry& geometry);

// One spatial axis of a transposed convolution that is computed as a convolution of stride 1 with the reversed kernel.
// The input is spread: its elements are placed `stride` apart, with zeros between them, and `before` and `after` zeros
// are added around it (a negative number removes elements).
struct SpreadAxis {
  int64_t size;  // size of the spread input, without the zeros around it
  int64_t before, after;
};
LINESHAFT_EXPORT SpreadAxis spread_axis(int64_t input, int64_t kernel, int64_t output, const ConvGeometry& geometry,
                                        int i);

// The vector broadcast to the sizes of `like`, with its elements along axis `axis`. Absent where the vector is absent.
inline TensorView broadcast_channels(const TensorView& vector, const TensorView& like, int axis = 1) {
  if (!vector) return {};
  TensorView result = like;
  result.buffer = vector.buffer;
  result.offset = vector.offset;
  result.dtype = vector.dtype;
  for (int i = 0; i < result.rank; ++i) result.strides[i] = i == axis ? vector.strides[0] : 0;
  return result;
}

// The vector as a view [1, C, 1, ...] of `rank` axes: the shape of a reduction over all axes but the channels. Absent
// where the vector is absent.
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

// The bits of all axes of a tensor of `rank` axes except the channel axis.
inline uint8_t all_but_channels(int rank, int axis = 1) {
  return static_cast<uint8_t>(((1u << rank) - 1) & ~(1u << axis));
}

}  // namespace lineshaft::frontend
