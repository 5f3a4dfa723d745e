// Maximum and average pooling, with given and with adaptive windows, over two and three axes (over one, PyTorch calls
// these).
#include <ATen/native/Pool.h>
#include <ATen/ops/adaptive_max_pool2d_backward_meta.h>
#include <ATen/ops/adaptive_max_pool2d_meta.h>
#include <ATen/ops/adaptive_max_pool3d_backward_meta.h>
#include <ATen/ops/adaptive_max_pool3d_meta.h>
#include <ATen/ops/avg_pool2d_backward_meta.h>
#include <ATen/ops/avg_pool2d_meta.h>
#include <ATen/ops/avg_pool3d_backward_meta.h>
#include <ATen/ops/avg_pool3d_meta.h>
#include <ATen/ops/max_pool2d_with_indices_backward_meta.h>
#include <ATen/ops/max_pool2d_with_indices_meta.h>

#include "csrc/core/structured.h"
#include "csrc/core/torch_version.h"
#include "csrc/ops/integer_pool.h"
#include "csrc/ops/spatial.h"

namespace lineshaft::torch {
namespace {

using Ints = c10::IntArrayRef;

PoolGeometry max_geometry(int spatial, Ints kernel, Ints stride, Ints padding, Ints dilation) {
  PoolGeometry geometry;
  geometry.kind = PoolKind::kMax;
  geometry.kernel = spatial_of(kernel, spatial, 1);
  geometry.stride = spatial_of(stride, spatial, 1, geometry.kernel);
  geometry.padding = spatial_of(padding, spatial, 0);
  geometry.dilation = spatial_of(dilation, spatial, 1);
  return geometry;
}

PoolGeometry average_geometry(int spatial, Ints kernel, Ints stride, Ints padding, bool count_include_pad,
                              std::optional<int64_t> divisor) {
  PoolGeometry geometry = max_geometry(spatial, kernel, stride, padding, {});
  geometry.kind = PoolKind::kAverage;
  geometry.count_include_pad = count_include_pad;
  TORCH_CHECK(!divisor.has_value() || *divisor != 0, "divisor must be not zero");
  geometry.divisor = small_number(std::abs(divisor.value_or(0)));
  return geometry;
}

PoolGeometry adaptive_geometry(PoolKind kind) {
  PoolGeometry geometry;
  geometry.kind = kind;
  return geometry;
}

void record_pool(int spatial, const at::Tensor& input, const at::Tensor& out, const at::Tensor& indices,
                 const PoolGeometry& geometry) {
  bool average = geometry.kind == PoolKind::kAverage || geometry.kind == PoolKind::kAdaptiveAverage;
  TORCH_CHECK_NOT_IMPLEMENTED(
      c10::isFloatingType(input.scalar_type()) || (!average && input.scalar_type() != at::kBool),
      average ? "average" : "maximum", " pooling over ", spatial, " axes is not implemented for '",
      c10::toString(input.scalar_type()), "'; convert the tensor with .to(dtype)");
  if (out.numel() == 0) return;
  Pool op;
  op.input = batched(input, spatial);
  op.output = batched(out, spatial);
  if (indices.defined()) op.indices = batched(indices, spatial);
  op.geometry = geometry;
  stream_of(input).record(op);
}

void record_pool_grad(int spatial, const at::Tensor& grad_output, const at::Tensor& indices,
                      const at::Tensor& grad_input, const PoolGeometry& geometry) {
  require_floats("the gradient of pooling", grad_output);
  TORCH_CHECK(grad_output.scalar_type() == grad_input.scalar_type(), "expected dtype ",
              c10::toString(grad_input.scalar_type()), " for `gradOutput` but got dtype ",
              c10::toString(grad_output.scalar_type()));
  if (grad_input.numel() == 0) return;
  if (grad_output.numel() == 0) {
    grad_input.zero_();
    return;
  }
  PoolGrad op;
  op.grad_output = batched(grad_output, spatial);
  if (indices.defined()) op.indices = batched(indices, spatial);
  op.output = batched(grad_input, spatial);
  op.geometry = geometry;
  stream_of(grad_output).record(op);
}

void max_pool2d(Results out, const at::Tensor& self, Ints kernel, Ints stride, Ints padding, Ints dilation,
                bool /*ceil_mode*/) {
  record_pool(2, self, out[0], out[1], max_geometry(2, kernel, stride, padding, dilation));
}

void max_pool2d_backward(Results out, const at::Tensor& grad_output, const at::Tensor& /*self*/, Ints kernel,
                         Ints stride, Ints padding, Ints dilation, bool /*ceil_mode*/, const at::Tensor& indices) {
  record_pool_grad(2, grad_output, indices, out[0], max_geometry(2, kernel, stride, padding, dilation));
}

template <int spatial>
void avg_pool(Results out, const at::Tensor& self, Ints kernel, Ints stride, Ints padding, bool /*ceil_mode*/,
              bool count_include_pad, std::optional<int64_t> divisor) {
  auto geometry = average_geometry(spatial, kernel, stride, padding, count_include_pad, divisor);
  if (self.scalar_type() == at::kLong && out[0].numel() > 0)
    average_integers(out[0], self, spatial, geometry);
  else
    record_pool(spatial, self, out[0], {}, geometry);
  if (divisor.value_or(1) < 0) out[0].neg_();
}

template <int spatial>
void avg_pool_backward(Results out, const at::Tensor& grad_output, const at::Tensor& /*self*/, Ints kernel, Ints stride,
                       Ints padding, bool /*ceil_mode*/, bool count_include_pad, std::optional<int64_t> divisor) {
  record_pool_grad(spatial, grad_output, {}, out[0],
                   average_geometry(spatial, kernel, stride, padding, count_include_pad, divisor));
  if (divisor.value_or(1) < 0) out[0].neg_();
}

template <int spatial>
void adaptive_max_pool(Results out, const at::Tensor& self, Ints /*output_size*/) {
  record_pool(spatial, self, out[0], out[1], adaptive_geometry(PoolKind::kAdaptiveMax));
}

template <int spatial>
void adaptive_max_pool_backward(Results out, const at::Tensor& grad_output, const at::Tensor& /*self*/,
                                const at::Tensor& indices) {
  record_pool_grad(spatial, grad_output, indices, out[0], adaptive_geometry(PoolKind::kAdaptiveMax));
}

template <int spatial>
at::Tensor adaptive_avg_pool(const at::Tensor& self, Ints output_size) {
  TORCH_CHECK(output_size.size() == spatial, "adaptive_avg_pool", spatial, "d: output_size must be ", spatial);
  TORCH_CHECK(self.dim() == spatial + 1 || self.dim() == spatial + 2, "adaptive_avg_pool", spatial, "d(): Expected ",
              spatial + 1, "D or ", spatial + 2, "D tensor, but got ", self.sizes());
  auto sizes = self.sizes().vec();
  TORCH_CHECK(
      spatial == 2 || self.size(1) > 0,
      "adaptive_avg_pool3d(): Expected input to have non-zero size for non-batch dimensions, but input has sizes ",
      self.sizes(), " with dimension 1 being empty");
  for (int i = 0; i < spatial; ++i) {
    int64_t& size = sizes[sizes.size() - spatial + i];
    TORCH_CHECK(size > 0, "adaptive_avg_pool", spatial,
                "d(): Expected input to have non-zero size for non-batch dimensions, but input "
                "has sizes ",
                self.sizes());
    size = output_size[i];
  }
  at::Tensor out = empty(sizes, self.scalar_type(), self.device().index(), self.suggest_memory_format());
  record_pool(spatial, self, out, {}, adaptive_geometry(PoolKind::kAdaptiveAverage));
  return out;
}

template <int spatial>
at::Tensor adaptive_avg_pool_backward(const at::Tensor& grad_output, const at::Tensor& self) {
  TORCH_CHECK(grad_output.dim() == self.dim(), "adaptive_avg_pool", spatial, "d_backward(): Expected dimensions ",
              self.dim(), " for `grad_output` but got dimensions ", grad_output.dim());
  for (int64_t i = 1; i < grad_output.dim(); ++i)
    TORCH_CHECK(
        grad_output.size(i) > 0, "adaptive_avg_pool", spatial,
        "d_backward(): Expected grad_output to have non-zero size for non-batch dimensions, but grad_output has "
        "sizes ",
        grad_output.sizes(), " with dimension ", i, " being empty");
  TORCH_CHECK(grad_output.scalar_type() == self.scalar_type(), "expected dtype ", self.dtype(),
              " for `grad_output` but got dtype ", grad_output.dtype());
  at::Tensor grad_input = empty(self.sizes(), self.scalar_type(), self.device().index(), self.suggest_memory_format());
  record_pool_grad(spatial, grad_output, {}, grad_input, adaptive_geometry(PoolKind::kAdaptiveAverage));
  return grad_input;
}

// `sizes` are the result's.
void require_pool3d(const at::Tensor& self, const PoolGeometry& geometry, Ints sizes, const char* name) {
  auto [k, s, p, d] = std::tuple{geometry.kernel, geometry.stride, geometry.padding, geometry.dilation};
  at::native::pool3d_shape_check(self, self.size(-4), k[0], k[1], k[2], s[0], s[1], s[2], p[0], p[1], p[2], d[0], d[1],
                                 d[2], self.size(-3), self.size(-2), self.size(-1), sizes[sizes.size() - 3],
                                 sizes[sizes.size() - 2], sizes.back(), name);
}

// What PyTorch checks before it counts windows.
void require_windows(const PoolGeometry& geometry) {
  for (int i = 0; i < 3; ++i) {
    int64_t extent = (int64_t{geometry.kernel[i]} - 1) * geometry.dilation[i] + 1, padding = geometry.padding[i];
    TORCH_CHECK(geometry.stride[i] != 0, "stride should not be zero");
    TORCH_CHECK(padding >= 0, "pad must be non-negative, but got pad: ", padding);
    TORCH_CHECK(padding <= extent / 2, "pad should be at most half of effective kernel size, but got pad=", padding,
                ", kernel_size=", geometry.kernel[i], " and dilation=", geometry.dilation[i]);
  }
}

// PyTorch has no meta function for max_pool3d.
std::tuple<at::Tensor, at::Tensor> max_pool3d(const at::Tensor& self, Ints kernel, Ints stride, Ints padding,
                                              Ints dilation, bool ceil_mode) {
  TORCH_CHECK(kernel.size() == 1 || kernel.size() == 3,
              "max_pool3d: kernel_size must either be a single int, or a tuple of three ints");
  TORCH_CHECK(stride.empty() || stride.size() == 1 || stride.size() == 3,
              "max_pool3d: stride must either be omitted, a single int, or a tuple of three ints");
  TORCH_CHECK(padding.size() == 1 || padding.size() == 3,
              "max_pool3d: padding must either be a single int, or a tuple of three ints");
  TORCH_CHECK(dilation.size() == 1 || dilation.size() == 3,
              "max_pool3d: dilation must be either a single int, or a tuple of three ints");
  TORCH_CHECK(self.dim() == 4 || self.dim() == 5, "max_pool3d: Expected 4D or 5D tensor; got sizes ", self.sizes());
  auto geometry = max_geometry(3, kernel, stride, padding, dilation);
  require_windows(geometry);
  Sizes made =
      pool_output_sizes(span_of(self.sizes()), 3, geometry, ceil_mode ? PoolRounding::kCeil : PoolRounding::kFloor);
  Ints sizes(made.data(), made.size());
  for (int64_t i = self.dim() - 4; i < self.dim(); ++i)
    TORCH_CHECK(self.size(i) > 0, "max_pool3d: Expected input",
                LINESHAFT_TORCH_FROM(15) ? " to have non-zero size for non-batch dimensions"
                                         : "'s non-batch dimensions to have positive length",
                ", but input has sizes ", self.sizes(), " with dimension ", i, " being empty");
  require_pool3d(self, geometry, sizes, "max_pool3d");
  auto format = self.suggest_memory_format();
  at::Tensor out = empty(sizes, self.scalar_type(), self.device().index(), format);
  at::Tensor indices = empty(sizes, at::kLong, self.device().index(), format);
  record_pool(3, self, out, indices, geometry);
  return {out, indices};
}

at::Tensor max_pool3d_backward(const at::Tensor& grad_output, const at::Tensor& self, Ints kernel, Ints stride,
                               Ints padding, Ints dilation, bool /*ceil_mode*/, const at::Tensor& indices) {
  auto geometry = max_geometry(3, kernel, stride, padding, dilation);
  for (const at::Tensor& each : {grad_output, indices}) {
    at::check_dim_size(each, self.dim(), self.dim() - 4, self.size(-4));
    for (int64_t i = -3; i < 0; ++i) at::check_dim_size(each, self.dim(), self.dim() + i, grad_output.size(i));
  }
  require_pool3d(self, geometry, grad_output.sizes(), "max_pool3d_backward");
  at::Tensor grad_input = empty(self.sizes(), self.scalar_type(), self.device().index(), self.suggest_memory_format());
  record_pool_grad(3, grad_output, indices, grad_input, geometry);
  return grad_input;
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  using namespace at::meta;
  implement_structured<structured_max_pool2d_with_indices, 2, &max_pool2d>(m, "max_pool2d_with_indices",
                                                                           "max_pool2d_with_indices.out");
  implement_structured<structured_max_pool2d_with_indices_backward, 1, &max_pool2d_backward, Dtypes::kAlike>(
      m, "max_pool2d_with_indices_backward", "max_pool2d_with_indices_backward.grad_input");
  implement_structured<structured_avg_pool2d, 1, &avg_pool<2>>(m, "avg_pool2d", "avg_pool2d.out");
  implement_structured<structured_avg_pool3d, 1, &avg_pool<3>>(m, "avg_pool3d", "avg_pool3d.out");
  implement_structured<structured_avg_pool2d_backward, 1, &avg_pool_backward<2>, Dtypes::kAlike>(
      m, "avg_pool2d_backward", "avg_pool2d_backward.grad_input");
  implement_structured<structured_avg_pool3d_backward, 1, &avg_pool_backward<3>, Dtypes::kAlike>(
      m, "avg_pool3d_backward", "avg_pool3d_backward.grad_input");
  implement_structured<structured_adaptive_max_pool2d, 2, &adaptive_max_pool<2>>(m, "adaptive_max_pool2d",
                                                                                 "adaptive_max_pool2d.out");
  implement_structured<structured_adaptive_max_pool3d, 2, &adaptive_max_pool<3>>(m, "adaptive_max_pool3d",
                                                                                 "adaptive_max_pool3d.out");
  implement_structured<structured_adaptive_max_pool2d_backward, 1, &adaptive_max_pool_backward<2>, Dtypes::kAlike>(
      m, "adaptive_max_pool2d_backward", "adaptive_max_pool2d_backward.grad_input");
  implement_structured<structured_adaptive_max_pool3d_backward, 1, &adaptive_max_pool_backward<3>, Dtypes::kAlike>(
      m, "adaptive_max_pool3d_backward", "adaptive_max_pool3d_backward.grad_input");
  implement<&adaptive_avg_pool<2>>(m, "_adaptive_avg_pool2d");
  implement<&adaptive_avg_pool<3>>(m, "_adaptive_avg_pool3d");
  implement<&adaptive_avg_pool_backward<2>, Dtypes::kAlike>(m, "_adaptive_avg_pool2d_backward");
  implement<&adaptive_avg_pool_backward<3>, Dtypes::kAlike>(m, "_adaptive_avg_pool3d_backward");
  implement<&max_pool3d>(m, "max_pool3d_with_indices");
  implement<&max_pool3d_backward, Dtypes::kAlike>(m, "max_pool3d_with_indices_backward");
}

}  // namespace
}  // namespace lineshaft::torch
