// im2col and col2im.
#include <algorithm>

#include "csrc/core/kernel.h"
#include "csrc/ops/spatial.h"

namespace lineshaft::torch {
namespace {

using Ints = c10::IntArrayRef;

ConvGeometry geometry_of(Ints kernel, Ints dilation, Ints padding, Ints stride) {
  TORCH_CHECK(kernel[0] > 0 && kernel[1] > 0, "kernel size should be greater than zero, but got ", kernel);

  ConvGeometry geometry;
  geometry.dilation = spatial_of(dilation, 2, 1);
  geometry.padding_begin = geometry.padding_end = spatial_of(padding, 2, 0);
  geometry.stride = spatial_of(stride, 2, 1);
  for (int i = 0; i < 2; ++i) {
    TORCH_CHECK(geometry.stride[i] > 0, "stride should be greater than zero, but got ", stride);
    TORCH_CHECK(geometry.dilation[i] > 0, "dilation should be greater than zero, but got ", dilation);
    TORCH_CHECK(geometry.padding_begin[i] >= 0, "padding should be non-negative, but got ", padding);
  }
  return geometry;
}

// What an operation gives, without the batch axis where its operand has none.
Ints given_axes(const Sizes& sizes, bool batch) {
  return Ints(sizes.data(), sizes.size()).slice(batch ? 0 : 1);
}

// A matrix of columns with the batch axis in front where it has none.
TensorView batched_columns(const at::Tensor& tensor) {
  return batched(tensor, 1);
}

// Whether the last `axes` axes have elements.
bool holds_matrices(const at::Tensor& tensor, int64_t axes) {
  auto sizes = tensor.sizes().slice(tensor.dim() - axes);
  return std::find(sizes.begin(), sizes.end(), 0) == sizes.end();
}

at::Tensor image_to_columns(const at::Tensor& self, Ints kernel_size, Ints dilation, Ints padding, Ints stride) {
  TORCH_CHECK(kernel_size.size() == 2, "It is expected kernel_size equals to 2, but got size ", kernel_size.size());
  TORCH_CHECK(
      (self.dim() == 3 || self.dim() == 4) && holds_matrices(self, 3),
      "Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for input, "
      "but got: ",
      self.sizes());
  ConvGeometry geometry = geometry_of(kernel_size, dilation, padding, stride);
  TensorView image = batched(self, 2);
  for (int64_t size : unfold_windows(image.shape(), span_of(kernel_size), geometry))
    TORCH_CHECK(size >= 1, "Given an input with sizes ", self.sizes(), ", kernel_size=", kernel_size,
                ", dilation=", dilation, ", padding=", padding, ", stride=", stride,
                ", the array of sliding blocks would have size ", size, ", but its components must be at least one.");
  Sizes sizes = unfold_output_sizes(image.shape(), span_of(kernel_size), geometry);
  at::Tensor out = empty(given_axes(sizes, self.dim() == 4), self.scalar_type(), self.device().index());
  if (out.numel() == 0) return out;
  stream_of(self).record(Unfold{image, batched_columns(out), spatial_of(kernel_size, 2, 1), geometry});
  return out;
}

at::Tensor columns_to_image(const at::Tensor& self, Ints output_size, Ints kernel_size, Ints dilation, Ints padding,
                            Ints stride) {
  TORCH_CHECK(output_size.size() == 2 && kernel_size.size() == 2,
              "output_size and kernel_size are expected to have 2 elements");
  TORCH_CHECK((self.dim() == 2 || self.dim() == 3) && holds_matrices(self, 2),
              "Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and non-zero dimensions for "
              "input, but got: ",
              self.sizes());
  ConvGeometry geometry = geometry_of(kernel_size, dilation, padding, stride);
  TORCH_CHECK(self.size(-2) % kernel_size[0] == 0 && self.size(-2) / kernel_size[0] % kernel_size[1] == 0,
              "Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got "
              "input.size(1)=",
              self.size(-2), " and kernel_size=", kernel_size, ".");
  TensorView columns = batched_columns(self);
  Sizes sizes = fold_output_sizes(columns.shape(), span_of(kernel_size), output_size[0], output_size[1]);
  int64_t blocks = unfold_output_sizes({sizes.data(), sizes.size()}, span_of(kernel_size), geometry).back();
  TORCH_CHECK(self.size(-1) == blocks, "Given output_size=", output_size, ", kernel_size=", kernel_size,
              ", dilation=", dilation, ", padding=", padding, ", stride=", stride,
              ", expected size of input's dimension 2 to match the calculated number of "
              "sliding blocks ",
              blocks, ", but got input.size(2)=", self.size(-1), ".");
  at::Tensor out = empty(given_axes(sizes, self.dim() == 3), self.scalar_type(), self.device().index());
  if (out.numel() == 0) return out;
  stream_of(self).record(Fold{columns, batched(out, 2), spatial_of(kernel_size, 2, 1), geometry});
  return out;
}

at::Tensor& im2col_out(const at::Tensor& self, Ints kernel_size, Ints dilation, Ints padding, Ints stride,
                       at::Tensor& out) {
  return store_out(image_to_columns(self, kernel_size, dilation, padding, stride), out, Stored::kCast);
}

at::Tensor& col2im_out(const at::Tensor& self, Ints output_size, Ints kernel_size, Ints dilation, Ints padding,
                       Ints stride, at::Tensor& out) {
  return store_out(columns_to_image(self, output_size, kernel_size, dilation, padding, stride), out, Stored::kCast);
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement<&image_to_columns>(m, "im2col");
  implement<&im2col_out>(m, "im2col.out");
  implement<&columns_to_image>(m, "col2im");
  implement<&col2im_out>(m, "col2im.out");
}

}  // namespace
}  // namespace lineshaft::torch
