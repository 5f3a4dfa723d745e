// The layouts of operands and results of matrix products for the kernels.
#pragma once

#include "lineshaft/ops/conv.h"

namespace lineshaft::vulkan {

// The type in which products of `dtype` are summed: f32, f64, i32 or i64.
DType product_type(DType dtype);

// A matrix of an operand type, packed in the order in which the kernels read it.
struct Packed {
  TensorView data;
  int64_t batch_stride = 0;  // elements; 0 broadcasts
  int64_t padded_k = 0;
};

// The layout of a matrix in a buffer. Element (k, j) of batch b is at (k / k_split) * k_outer + (k % k_split) *
// k_stride + (j / j_split) * j_outer + (j % j_split) * j_stride + b * batch_stride.
struct MatrixSource {
  TensorView view;  // of an operand type
  int64_t k = 0, j = 0, batches = 1;
  int64_t k_stride = 0, j_stride = 0, batch_stride = 0;
  int64_t k_split = 0, k_outer = 0, j_split = 0, j_outer = 0;  // split 0: k or j is not split
};

// The windows of a convolution as a matrix: the elements of a window (channels of a group times kernel size) by windows
// (images times output positions).
struct WindowSource {
  TensorView input;                   // [N, C, spatial...] of an operand type, any strides
  int64_t channel = 0, channels = 0;  // of the group
  int64_t window = 0, windows = 0;    // counted over all images
};
struct WindowGeometry {
  int32_t input_size[4], output_size[4], kernel[4], stride[4], dilation[4], padding[4], spatial_stride[4], other[4];
  int64_t windows() const { return other[3]; }  // of an image
  int64_t taps() const { return other[2]; }     // of a channel
};
WindowGeometry window_geometry(const TensorView& input, const TensorView& weight, const TensorView& output,
                               const ConvGeometry& geometry);

inline constexpr int64_t kMostColumns = int64_t{1} << 21;  // of a target in groups

struct ProductTarget {
  TensorView view;  // dense, of the product type
  int64_t base = 0, row_stride = 0, batch_stride = 0;
  int64_t split = 0, outer_stride = 0;  // columns in groups; split 0: none
};

}  // namespace lineshaft::vulkan
