// Convolutions and their gradients (frontend/convolution.h).
#include <ATen/ops/constant_pad_nd.h>

#include <algorithm>

#include "csrc/core/kernel.h"
#include "csrc/ops/integer_convolution.h"
#include "csrc/ops/spatial.h"
#include <lineshaft/frontend/convolution.h>

namespace lineshaft::torch {
namespace {

ConvGeometry geometry_of(int rank, c10::IntArrayRef stride, c10::IntArrayRef padding, c10::IntArrayRef dilation,
                         int64_t groups) {
  ConvGeometry geometry;
  geometry.stride = spatial_of(stride, rank - 2, 1);
  geometry.dilation = spatial_of(dilation, rank - 2, 1);
  geometry.padding_begin = geometry.padding_end = spatial_of(padding, rank - 2, 0);
  for (int i = rank - 2; i < 3; ++i) geometry.padding_begin[i] = geometry.padding_end[i] = 0;
  geometry.groups = small_number(groups);
  return geometry;
}

// Channels-last where the input or the weight is.
c10::MemoryFormat format_of(const at::Tensor& input, const at::Tensor& weight) {
  auto last = input.dim() == 4   ? c10::MemoryFormat::ChannelsLast
              : input.dim() == 5 ? c10::MemoryFormat::ChannelsLast3d
                                 : c10::MemoryFormat::Contiguous;
  bool any = input.suggest_memory_format() == last || weight.suggest_memory_format() == last;
  return any ? last : c10::MemoryFormat::Contiguous;
}

c10::DimVector output_sizes(const at::Tensor& input, const at::Tensor& weight, const ConvGeometry& geometry,
                            bool transposed, c10::IntArrayRef output_padding) {
  auto in = span_of(input.sizes()), kernel = span_of(weight.sizes());
  auto spatial = static_cast<int>(input.dim() - 2);
  Sizes sizes =
      transposed ? conv_transposed_output_sizes(in, kernel, geometry, spatial_of(output_padding, spatial, 0, {0, 0, 0}))
                 : conv_output_sizes(in, kernel, geometry);
  return {sizes.begin(), sizes.end()};
}

// What PyTorch's own kernels check. It looks at nothing where there are no images or no channels.
void require_geometry(const at::Tensor& input, const at::Tensor& weight, const ConvGeometry& geometry, bool transposed,
                      c10::IntArrayRef output_padding, c10::IntArrayRef sizes) {
  if (input.size(0) == 0 || input.size(1) == 0) return;
  for (int i = 0; i < input.dim() - 2; ++i) {
    TORCH_CHECK(weight.size(2 + i) > 0, "kernel size should be greater than zero, but got ", weight.size(2 + i),
                " on spatial axis ", i);
    TORCH_CHECK(geometry.dilation[i] > 0, "dilation should be greater than zero, but got ", geometry.dilation[i],
                " on spatial axis ", i);
    TORCH_CHECK(sizes[2 + i] >= 1, "Given input size per channel: (", input.sizes().slice(2),
                "). Calculated output size per channel: (", sizes.slice(2), "). Output size is too small");
    if (!transposed || output_padding.empty()) continue;
    int64_t extra = output_padding[output_padding.size() == 1 ? 0 : i];
    TORCH_CHECK(extra < geometry.stride[i] || extra < geometry.dilation[i],
                "output padding must be smaller than either stride or dilation, but got an output padding of ", extra,
                ", a stride of ", geometry.stride[i], " and a dilation of ", geometry.dilation[i], " on spatial axis ",
                i);
  }
}

// The input of a transposed convolution as the operation takes it: zeros follow where the output padding asks for them.
at::Tensor fit_transposed(ConvGeometry& geometry, const at::Tensor& input, const at::Tensor& weight,
                          c10::IntArrayRef output) {
  Sizes sizes = fit_conv_transposed(geometry, span_of(input.sizes()), span_of(weight.sizes()), span_of(output));
  if (std::ranges::equal(sizes, input.sizes())) return input;
  std::vector<int64_t> around;
  for (int64_t i = input.dim() - 1; i >= 2; --i) {
    around.push_back(0);
    around.push_back(sizes[i] - input.size(i));
  }
  return at::constant_pad_nd(input, around, 0);
}

at::Tensor of_integers(const at::Tensor& input, const at::Tensor& weight, const OptionalTensor& bias,
                       const ConvGeometry& geometry, bool transposed, c10::IntArrayRef sizes) {
  TORCH_CHECK_NOT_IMPLEMENTED(input.scalar_type() != at::kBool,
                              "a convolution is not implemented for 'Bool'; convert the tensors with .to(dtype)");
  if (c10::multiply_integers(sizes) == 0) return empty(sizes, input.scalar_type(), input.device().index());
  at::Tensor out = transposed ? convolve_integers_transposed(input, weight, geometry, sizes)
                              : convolve_integers(input, weight, geometry);
  if (!bias.has_value() || !bias->defined()) return out;
  TORCH_CHECK(input.scalar_type() == bias->scalar_type(), "Input type (", input.toString(), ") and bias type (",
              bias->toString(), ") should be the same");
  c10::DimVector channels(out.dim(), 1);
  channels[1] = out.size(1);
  return out.add_(bias->view(channels));
}

at::Tensor convolution(const at::Tensor& given, const at::Tensor& weight, const OptionalTensor& bias,
                       c10::IntArrayRef stride, c10::IntArrayRef padding, c10::IntArrayRef dilation, bool transposed,
                       c10::IntArrayRef output_padding, int64_t groups) {
  require_device(weight, given.device(), "weight");
  TORCH_CHECK(given.scalar_type() == weight.scalar_type(), "Input type (", given.toString(), ") and weight type (",
              weight.toString(), ") should be the same");
  auto geometry = geometry_of(static_cast<int>(given.dim()), stride, padding, dilation, groups);
  auto sizes = output_sizes(given, weight, geometry, transposed, output_padding);
  require_geometry(given, weight, geometry, transposed, output_padding, sizes);
  at::Tensor input = given;
  if (!c10::isFloatingType(input.scalar_type())) return of_integers(input, weight, bias, geometry, transposed, sizes);
  at::Tensor out = empty(sizes, input.scalar_type(), input.device().index(), format_of(input, weight));
  if (out.numel() == 0) return out;
  if (transposed) input = fit_transposed(geometry, input, weight, out.sizes());
  TensorView bias_view;
  if (present(bias)) {
    TORCH_CHECK(input.scalar_type() == bias->scalar_type(), "Input type (", input.toString(), ") and bias type (",
                bias->toString(), ") should be the same");
    bias_view = view_of(*bias);
  }
  frontend::record_convolution(stream_of(input), view_of(input), view_of(weight), view_of(out), geometry, transposed,
                               bias_view);
  return out;
}

std::tuple<at::Tensor, at::Tensor, at::Tensor> convolution_backward(const at::Tensor& grad_output,
                                                                    const at::Tensor& given, const at::Tensor& weight,
                                                                    c10::IntArrayRef stride, c10::IntArrayRef padding,
                                                                    c10::IntArrayRef dilation, bool transposed,
                                                                    c10::IntArrayRef /*output_padding*/, int64_t groups,
                                                                    std::array<bool, 3> wanted) {
  auto geometry = geometry_of(static_cast<int>(given.dim()), stride, padding, dilation, groups);
  at::Tensor input = given;
  if (transposed) input = fit_transposed(geometry, input, weight, grad_output.sizes());
  auto format = format_of(input, weight);
  auto device = input.device().index();
  Stream& stream = stream_of(input);
  at::Tensor grad_input, grad_weight, grad_bias;
  if (wanted[0]) {
    grad_input = empty(input.sizes(), input.scalar_type(), device, format);
    frontend::record_convolution_grad_input(stream, view_of(grad_output), view_of(weight), view_of(grad_input),
                                            geometry, transposed);
    for (int64_t i = 2; i < given.dim(); ++i) grad_input = grad_input.narrow(i, 0, given.size(i));
  }
  if (wanted[1]) {
    grad_weight = empty(weight.sizes(), weight.scalar_type(), device, format);
    frontend::record_convolution_grad_weight(stream, view_of(input), view_of(grad_output), view_of(grad_weight),
                                             geometry, transposed);
  }
  if (wanted[2]) {
    grad_bias = empty({grad_output.size(1)}, grad_output.scalar_type(), grad_output.device().index());
    frontend::record_channel_sum(stream_of(grad_bias), view_of(grad_output), view_of(grad_bias));
  }
  return {grad_input, grad_weight, grad_bias};
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement<&convolution>(m, "convolution_overrideable");
  implement<&convolution_backward, Dtypes::kAlike>(m, "convolution_backward_overrideable");
}

}  // namespace
}  // namespace lineshaft::torch
