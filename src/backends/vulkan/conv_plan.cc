#include "backends/vulkan/conv_plan.h"

#include <algorithm>

namespace lineshaft::vulkan {
namespace {

constexpr int64_t kChunkBytes = 16 << 20;  // of windows as a matrix

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

ConvPlan::ConvPlan(Context& context, const TensorView& input, const TensorView& weight, const TensorView& output,
                   const ConvGeometry& geometry, DType operands, const char* name)
    : context(context),
      type(accumulate_type(input.dtype)),
      operand(type == DType::kF32 ? operand_type(context, operands) : type) {
  if (type == DType::kF64) context.require_f64(name);
  images = input.sizes[0];
  groups = geometry.groups;
  channels = weight.sizes[1];
  filters = weight.sizes[0] / groups;
  taps = windows = 1;
  for (int i = 2; i < input.rank; ++i) {
    taps *= weight.sizes[i];
    windows *= output.sizes[i];
  }
  int64_t image_bytes = std::max<int64_t>(elements() * windows, 1) * size_of(operand);
  chunk = std::clamp<int64_t>(kChunkBytes / image_bytes, 1, std::max<int64_t>(images, 1));
}

MatrixSource ConvPlan::weight_rows(const TensorView& weight, int64_t group) const {
  return {.view = part_of(weight, group * filters * elements(), filters * elements()),
          .k = elements(),
          .j = filters,
          .k_stride = 1,
          .j_stride = elements()};
}

MatrixSource ConvPlan::weight_columns(const TensorView& weight, int64_t group) const {
  return {.view = part_of(weight, group * filters * elements(), filters * elements()),
          .k = filters,
          .j = elements(),
          .k_stride = elements(),
          .j_stride = 1};
}

MatrixSource ConvPlan::gradient_columns(const TensorView& gradient, int64_t group, int64_t image, int64_t count) const {
  int64_t image_size = groups * filters * windows, first = image * image_size + group * filters * windows;
  return {.view = part_of(gradient, first, (count - 1) * image_size + filters * windows),
          .k = filters,
          .j = count * windows,
          .k_stride = windows,
          .j_stride = 1,
          .j_split = windows,
          .j_outer = image_size};
}

MatrixSource ConvPlan::gradient_rows(const TensorView& gradient, int64_t group, int64_t image, int64_t count) const {
  MatrixSource columns = gradient_columns(gradient, group, image, count);
  return {.view = columns.view,
          .k = columns.j,
          .j = columns.k,
          .k_stride = 1,
          .j_stride = windows,
          .k_split = windows,
          .k_outer = columns.j_outer};
}

}  // namespace lineshaft::vulkan
