// The push constants of the shaders of unfold and fold: common/windows.glsl.
#pragma once

#include <array>

#include "backends/vulkan/planning/elements.h"
#include "lineshaft/ops/unfold.h"

namespace lineshaft::vulkan {

struct WindowsPush {
  std::array<int32_t, 2> size, windows, kernel, stride, dilation, padding, first, end;
  uint32_t count;
};

inline WindowsPush windows_push(const TensorView& image, const TensorView& columns, const TensorView& output,
                                const Spatial& kernel, const ConvGeometry& geometry) {
  element_count(image.numel());
  element_count(columns.numel());
  WindowsPush push{};
  push.count = element_count(output.numel());
  for (int i = 0; i < 2; ++i) {
    push.size[i] = static_cast<int32_t>(image.sizes[2 + i]);
    push.windows[i] = static_cast<int32_t>(conv_output_size(image.sizes[2 + i], kernel[i], geometry, i));
    push.kernel[i] = kernel[i];
    push.stride[i] = geometry.stride[i];
    push.dilation[i] = geometry.dilation[i];
    push.padding[i] = geometry.padding_begin[i];
  }
  return push;
}

}  // namespace lineshaft::vulkan
