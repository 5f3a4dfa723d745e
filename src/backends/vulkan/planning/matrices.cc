#include "backends/vulkan/planning/matrices.h"

namespace lineshaft::vulkan {

DType product_type(DType dtype) {
  DType compute = compute_type(dtype);
  return compute == DType::kBool ? DType::kI32 : compute;
}

WindowGeometry window_geometry(const TensorView& input, const TensorView& weight, const TensorView& output,
                               const ConvGeometry& geometry) {
  WindowGeometry g{};
  int spatial = input.rank - 2;
  int64_t taps = 1, windows = 1;
  for (int i = 0; i < 3; ++i) {
    int k = i - (3 - spatial);  // spatial axes are the last of three
    bool has = k >= 0;
    g.input_size[i] = has ? static_cast<int32_t>(input.sizes[2 + k]) : 1;
    g.output_size[i] = has ? static_cast<int32_t>(output.sizes[2 + k]) : 1;
    g.kernel[i] = has ? static_cast<int32_t>(weight.sizes[2 + k]) : 1;
    g.stride[i] = has ? geometry.stride[k] : 1;
    g.dilation[i] = has ? geometry.dilation[k] : 1;
    g.padding[i] = has ? geometry.padding_begin[k] : 0;
    g.spatial_stride[i] = has ? static_cast<int32_t>(input.strides[2 + k]) : 0;
    taps *= g.kernel[i];
    windows *= g.output_size[i];
  }
  g.other[0] = static_cast<int32_t>(input.strides[0]);
  g.other[1] = static_cast<int32_t>(input.strides[1]);
  g.other[2] = static_cast<int32_t>(taps);
  g.other[3] = static_cast<int32_t>(windows);
  return g;
}

}  // namespace lineshaft::vulkan
