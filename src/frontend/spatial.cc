#include "lineshaft/frontend/spatial.h"

#include <algorithm>

namespace lineshaft::frontend {

TensorView sliding_windows(const TensorView& images, std::span<const int64_t> kernel, const ConvGeometry& geometry) {
  ConvGeometry inside = geometry;
  inside.padding_begin = inside.padding_end = {0, 0, 0};
  int64_t planes = images.sizes[0] * images.sizes[1];
  auto spatial = static_cast<int>(kernel.size());
  TensorView view{images.buffer, images.offset, images.dtype, static_cast<uint8_t>(1 + 2 * spatial)};
  view.sizes[0] = planes;
  // Not the stride of the channels' axis, which means nothing where there is one channel.
  view.strides[0] = images.numel() / std::max<int64_t>(planes, 1);
  for (int i = 0; i < spatial; ++i) {
    view.sizes[1 + i] = kernel[i];
    view.strides[1 + i] = images.strides[2 + i] * geometry.dilation[i];
    view.sizes[1 + spatial + i] = conv_output_size(images.sizes[2 + i], kernel[i], inside, i);
    view.strides[1 + spatial + i] = images.strides[2 + i] * geometry.stride[i];
  }
  return view;
}

SpreadAxis spread_axis(int64_t input, int64_t kernel, int64_t output, const ConvGeometry& geometry, int i) {
  int64_t size = (input - 1) * geometry.stride[i] + 1, reach = geometry.dilation[i] * (kernel - 1);
  int64_t before = reach - geometry.padding_begin[i];
  return {size, before, output + reach - size - before};
}

}  // namespace lineshaft::frontend
