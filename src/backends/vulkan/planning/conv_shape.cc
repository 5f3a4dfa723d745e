#include "backends/vulkan/planning/conv_shape.h"

#include <algorithm>

namespace lineshaft::vulkan {
namespace {

TensorView moved(const TensorView& view, int64_t elements) {
  TensorView result = view;
  result.offset += elements * size_of(view.dtype);
  return result;
}

// A dense view's part from `first` on, as one run of `count` elements.
TensorView part_of(const TensorView& view, int64_t first, int64_t count) {
  TensorView part = moved(view, first);
  part.rank = 1;
  part.sizes[0] = count;
  part.strides[0] = 1;
  return part;
}

}  // namespace

ConvShape::ConvShape(const TensorView& input, const TensorView& weight, const TensorView& output,
                     const ConvGeometry& geometry, DType f32_operand)
    : type(accumulate_type(input.dtype)), operand(type == DType::kF32 ? f32_operand : type) {
  images = input.sizes[0];
  groups = geometry.groups;
  channels = weight.sizes[1];
  filters = weight.sizes[0] / groups;
  taps = windows = 1;
  for (int i = 2; i < input.rank; ++i) {
    taps *= weight.sizes[i];
    windows *= output.sizes[i];
  }
}

std::vector<ConvSlice> ConvShape::slices_within(int64_t bytes, int64_t rows, bool whole) const {
  constexpr int64_t kStep = 64;  // a panel's columns
  int64_t at_once = bytes / (std::max<int64_t>(rows, 1) * size_of(operand));
  at_once = std::min(at_once, kMostColumns);
  std::vector<ConvSlice> result;
  if (whole || at_once >= windows) {
    int64_t step = std::max<int64_t>(at_once / windows, 1);
    for (int64_t image = 0; image < images; image += step)
      result.push_back({image, std::min(step, images - image), 0, windows});
    return result;
  }
  int64_t step = std::max(at_once / kStep, int64_t{1}) * kStep;
  for (int64_t image = 0; image < images; ++image)
    for (int64_t first = 0; first < windows; first += step)
      result.push_back({image, 1, first, std::min(step, windows - first)});
  return result;
}

MatrixSource ConvShape::weight_rows(const TensorView& weight, int64_t group) const {
  return {.view = part_of(weight, group * filters * elements(), filters * elements()),
          .k = elements(),
          .j = filters,
          .k_stride = 1,
          .j_stride = elements()};
}

MatrixSource ConvShape::weight_columns(const TensorView& weight, int64_t group, int64_t channel, int64_t count) const {
  int64_t first = group * filters * elements() + channel * taps;
  return {.view = part_of(weight, first, (filters - 1) * elements() + count * taps),
          .k = filters,
          .j = count * taps,
          .k_stride = elements(),
          .j_stride = 1};
}

MatrixSource ConvShape::gradient_columns(const TensorView& gradient, int64_t group, const ConvSlice& slice) const {
  int64_t image_size = groups * filters * windows;
  int64_t first = slice.image * image_size + group * filters * windows + slice.first;
  return {.view = part_of(gradient, first, (slice.images - 1) * image_size + (filters - 1) * windows + slice.count),
          .k = filters,
          .j = slice.windows(),
          .k_stride = windows,
          .j_stride = 1,
          .j_split = slice.count,
          .j_outer = image_size};
}

MatrixSource ConvShape::gradient_rows(const TensorView& gradient, int64_t group, const ConvSlice& slice) const {
  MatrixSource columns = gradient_columns(gradient, group, slice);
  return {.view = columns.view,
          .k = columns.j,
          .j = columns.k,
          .k_stride = 1,
          .j_stride = windows,
          .k_split = columns.j_split,
          .k_outer = columns.j_outer};
}

}  // namespace lineshaft::vulkan
