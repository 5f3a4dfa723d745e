// The geometry of pool and pool_grad in the form that the kernels take.
#pragma once

#include <algorithm>
#include <array>
#include <span>

#include "lineshaft/ops/pool.h"

namespace lineshaft::vulkan {

struct PoolPlan {
  struct Geometry {
    int32_t input_size[4], output_size[4], kernel[4], stride[4], dilation[4], padding[4];
  } geometry{};
  struct Push {
    std::array<int32_t, 4> first, end;
    uint32_t count, other_count, include_pad;
    int32_t divisor;
    uint32_t command, last;
  } push{};
  bool maximum = false, adaptive = false;

  PoolPlan(uint32_t command, const TensorView& input, const TensorView& output, const PoolGeometry& pool) {
    maximum = pool.kind == PoolKind::kMax || pool.kind == PoolKind::kAdaptiveMax;
    adaptive = pool.kind == PoolKind::kAdaptiveMax || pool.kind == PoolKind::kAdaptiveAverage;
    int spatial = input.rank - 2;
    for (int i = 0; i < 3; ++i) {
      int k = i - (3 - spatial);  // spatial axes are the last of three
      geometry.input_size[i] = k >= 0 ? static_cast<int32_t>(input.sizes[2 + k]) : 1;
      geometry.output_size[i] = k >= 0 ? static_cast<int32_t>(output.sizes[2 + k]) : 1;
      geometry.kernel[i] = k >= 0 ? pool.kernel[k] : 1;
      geometry.stride[i] = k >= 0 ? pool.stride[k] : 1;
      geometry.dilation[i] = k >= 0 && maximum ? pool.dilation[k] : 1;
      geometry.padding[i] = k >= 0 ? pool.padding[k] : 0;
    }
    push.include_pad = pool.count_include_pad;
    push.divisor = pool.divisor;
    push.command = command;
  }
  // The most elements of a window along each axis.
  std::array<int64_t, 3> window_steps() const {
    std::array<int64_t, 3> steps{};
    for (int i = 0; i < 3; ++i) {
      int64_t in = geometry.input_size[i], out = geometry.output_size[i];
      steps[i] = adaptive ? std::min(in, in / out + 2) : geometry.kernel[i];
    }
    return steps;
  }
  // The most windows that contain one element, along each axis.
  std::array<int64_t, 3> holding_windows() const {
    std::array<int64_t, 3> windows{};
    for (int i = 0; i < 3; ++i) {
      int64_t in = geometry.input_size[i], out = geometry.output_size[i];
      int64_t reach = int64_t{geometry.dilation[i]} * (geometry.kernel[i] - 1);
      windows[i] = std::min(out, adaptive ? out / in + 2 : reach / geometry.stride[i] + 1);
    }
    return windows;
  }
  std::span<const std::byte> params() const { return std::as_bytes(std::span(&geometry, 1)); }
};

}  // namespace lineshaft::vulkan
