#include "csrc/ops/integer_convolution.h"

#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/zeros.h>

namespace lineshaft::torch {
namespace {

using at::Tensor;
using SizeVector = c10::SmallVector<int64_t, 8>;

// `before` and `after` of each spatial axis; below 0 it is cut.
Tensor padded(const Tensor& input, const SizeVector& before, const SizeVector& after) {
  std::vector<int64_t> around;
  for (size_t i = before.size(); i-- > 0;) {
    around.push_back(before[i]);
    around.push_back(after[i]);
  }
  return at::constant_pad_nd(input, around, 0).contiguous();
}

// [N, C, spatial...] that is padded already, by weights [O, C / groups, kernel...].
Tensor multiply_windows(const Tensor& input, const Tensor& weight, const Spatial& stride, const Spatial& dilation,
                        int64_t groups) {
  int64_t images = input.size(0), channels = input.size(1), features = weight.size(0), taps = 1, positions = 1;
  // Not the stride of the channels' axis, which means nothing where there is one channel.
  int64_t plane = input.numel() / std::max<int64_t>(images * channels, 1);
  SizeVector sizes{images * channels}, strides{plane}, result{images, features};
  for (int64_t i = 2; i < input.dim(); ++i) {
    sizes.push_back(weight.size(i));
    strides.push_back(input.stride(i) * dilation[i - 2]);
    taps *= weight.size(i);
  }
  for (int64_t i = 2; i < input.dim(); ++i) {
    result.push_back((input.size(i) - dilation[i - 2] * (weight.size(i) - 1) - 1) / stride[i - 2] + 1);
    sizes.push_back(result.back());
    strides.push_back(input.stride(i) * stride[i - 2]);
    positions *= result.back();
  }
  int64_t depth = channels / groups * taps;
  Tensor windows = input.as_strided(sizes, strides).reshape({images, groups, depth, positions});
  return at::matmul(weight.reshape({1, groups, features / groups, depth}), windows).reshape(result);
}

}  // namespace

Tensor convolve_integers(const Tensor& input, const Tensor& weight, const ConvGeometry& geometry) {
  SizeVector before, after;
  for (int64_t i = 0; i < input.dim() - 2; ++i) {
    before.push_back(geometry.padding_begin[i]);
    after.push_back(geometry.padding_end[i]);
  }
  return multiply_windows(padded(input, before, after), weight, geometry.stride, geometry.dilation, geometry.groups);
}

// The input spread out by the stride, convolved with the turned weights.
Tensor convolve_integers_transposed(const Tensor& input, const Tensor& weight, const ConvGeometry& geometry,
                                    c10::IntArrayRef output_sizes) {
  int64_t spatial = input.dim() - 2, groups = geometry.groups;
  SizeVector sizes{input.size(0), input.size(1)}, before, after, axes;
  for (int64_t i = 0; i < spatial; ++i) {
    int64_t spread = (input.size(2 + i) - 1) * geometry.stride[i] + 1;
    int64_t reach = geometry.dilation[i] * (weight.size(2 + i) - 1);
    sizes.push_back(spread);
    before.push_back(reach - geometry.padding_begin[i]);
    after.push_back(output_sizes[2 + i] + reach - spread - before.back());
    axes.push_back(2 + i);
  }
  Tensor spread = at::zeros(sizes, input.options()), target = spread;
  for (int64_t i = 0; i < spatial; ++i) target = target.slice(2 + i, 0, sizes[2 + i], geometry.stride[i]);
  target.copy_(input);
  SizeVector split{groups, weight.size(0) / groups}, joined{groups * weight.size(1), weight.size(0) / groups};
  split.append(weight.sizes().begin() + 1, weight.sizes().end());
  joined.append(weight.sizes().begin() + 2, weight.sizes().end());
  Tensor turned = weight.flip(axes).reshape(split).transpose(1, 2).reshape(joined);
  return multiply_windows(padded(spread, before, after), turned, {1, 1, 1}, geometry.dilation, groups);
}

}  // namespace lineshaft::torch
