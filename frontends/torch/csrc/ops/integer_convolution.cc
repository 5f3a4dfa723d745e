#include "csrc/ops/integer_convolution.h"

#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/zeros.h>

#include <lineshaft/frontend/spatial.h>

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
Tensor multiply_windows(const Tensor& input, const Tensor& weight, const ConvGeometry& geometry) {
  int64_t images = input.size(0), features = weight.size(0), groups = geometry.groups;
  c10::IntArrayRef kernel = weight.sizes().slice(2);
  TensorView view = frontend::sliding_windows(view_of(input), span_of(kernel), geometry);
  c10::IntArrayRef sizes(view.sizes.data(), view.rank), positions = sizes.slice(1 + kernel.size());
  int64_t depth = input.size(1) / groups * c10::multiply_integers(kernel);
  SizeVector result{images, features};
  result.append(positions.begin(), positions.end());
  Tensor windows = input.as_strided(sizes, {view.strides.data(), view.rank})
                       .reshape({images, groups, depth, c10::multiply_integers(positions)});
  return at::matmul(weight.reshape({1, groups, features / groups, depth}), windows).reshape(result);
}

}  // namespace

Tensor convolve_integers(const Tensor& input, const Tensor& weight, const ConvGeometry& geometry) {
  SizeVector before, after;
  for (int64_t i = 0; i < input.dim() - 2; ++i) {
    before.push_back(geometry.padding_begin[i]);
    after.push_back(geometry.padding_end[i]);
  }
  return multiply_windows(padded(input, before, after), weight, geometry);
}

// The input spread out by the stride, convolved with the turned weights.
Tensor convolve_integers_transposed(const Tensor& input, const Tensor& weight, const ConvGeometry& geometry,
                                    c10::IntArrayRef output_sizes) {
  int64_t spatial = input.dim() - 2, groups = geometry.groups;
  SizeVector sizes{input.size(0), input.size(1)}, before, after, axes;
  for (int64_t i = 0; i < spatial; ++i) {
    int64_t axis = 2 + i;
    auto spread =
        frontend::spread_axis(input.size(axis), weight.size(axis), output_sizes[axis], geometry, static_cast<int>(i));
    sizes.push_back(spread.size);
    before.push_back(spread.before);
    after.push_back(spread.after);
    axes.push_back(axis);
  }
  Tensor spread = at::zeros(sizes, input.options()), target = spread;
  for (int64_t i = 0; i < spatial; ++i) target = target.slice(2 + i, 0, sizes[2 + i], geometry.stride[i]);
  target.copy_(input);
  SizeVector split{groups, weight.size(0) / groups}, joined{groups * weight.size(1), weight.size(0) / groups};
  split.append(weight.sizes().begin() + 1, weight.sizes().end());
  joined.append(weight.sizes().begin() + 2, weight.sizes().end());
  Tensor turned = weight.flip(axes).reshape(split).transpose(1, 2).reshape(joined);
  return multiply_windows(padded(spread, before, after), turned,
                          {.dilation = geometry.dilation, .groups = geometry.groups});
}

}  // namespace lineshaft::torch
