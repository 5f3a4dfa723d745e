// Sliding windows over the planes of an image, for unfold and fold.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/divide.h"
#include "lineshaft/ops/unfold.h"

namespace lineshaft::cpu {

struct WindowAxis {
  int64_t size, windows;  // of the image; the number of windows
  int64_t kernel, stride, dilation, padding;

  WindowAxis(int64_t size, int64_t kernel, const ConvGeometry& geometry, int i)
      : size(size),
        kernel(kernel),
        stride(geometry.stride[i]),
        dilation(geometry.dilation[i]),
        padding(geometry.padding_begin[i]) {
    windows = (size + padding + geometry.padding_end[i] - dilation * (kernel - 1) - 1) / stride + 1;
  }
  // The position of tap `tap` of window `window`.
  int64_t position(int64_t window, int64_t tap) const { return window * stride - padding + tap * dilation; }
  // The range first..last of windows whose tap lies in the image.
  int64_t first(int64_t tap) const {
    int64_t shift = padding - tap * dilation;
    return std::clamp<int64_t>(shift <= 0 ? 0 : divide_up(shift, stride), 0, windows);
  }
  int64_t last(int64_t tap) const {
    int64_t room = size - 1 + padding - tap * dilation;
    return std::clamp<int64_t>(room < 0 ? 0 : room / stride + 1, first(tap), windows);
  }
};

}  // namespace lineshaft::cpu
