#include "lineshaft/ops/unfold.h"

#include <algorithm>

#include "base/compiler.h"
#include "ops/operands.h"

namespace lineshaft {
namespace {

int64_t product(std::initializer_list<int64_t> sizes) {
  Int128 result = 1;
  for (int64_t size : sizes) result = saturated(result * size);
  return static_cast<int64_t>(result);
}

}  // namespace

std::array<int64_t, 2> unfold_windows(std::span<const int64_t> image, std::span<const int64_t> kernel,
                                      const ConvGeometry& geometry) {
  std::array<int64_t, 2> windows;
  for (int i = 0; i < 2; ++i) windows[i] = conv_output_size(image[image.size() - 2 + i], kernel[i], geometry, i);
  return windows;
}

Sizes unfold_output_sizes(std::span<const int64_t> image, std::span<const int64_t> kernel,
                          const ConvGeometry& geometry) {
  auto windows = unfold_windows(image, kernel, geometry);
  Sizes sizes;
  sizes.push_back(image[0]);
  sizes.push_back(product({image[1], kernel[0], kernel[1]}));
  sizes.push_back(product({windows[0], windows[1]}));
  return sizes;
}

void validate_unfold(const TensorView& image, const TensorView& columns, const Spatial& kernel,
                     const ConvGeometry& geometry) {
  require_rank("the image", image, 4);
  require_rank("the columns", columns, 3);
  require_dtype("the columns", columns, image.dtype);
  require_spatial("kernel", kernel, 2, 1, 1);
  require_spatial("stride", geometry.stride, 2, 1, 1);
  require_spatial("dilation", geometry.dilation, 2, 1, 1);
  require_spatial("padding_begin", geometry.padding_begin, 2, 0, 0);
  require_spatial("padding_end", geometry.padding_end, 2, 0, 0);
  LS_REQUIRE(geometry.groups == 1, "groups is ", geometry.groups, "; windows take 1");
  const int64_t window[] = {kernel[0], kernel[1]};
  auto windows = unfold_windows(image.shape(), window, geometry);
  for (int i = 0; i < 2; ++i)
    LS_REQUIRE(windows[i] >= 1, "a kernel of ", kernel[i], " with dilation ", geometry.dilation[i],
               " is larger than the padded image on spatial axis ", i, " of size ", image.sizes[2 + i]);
  LS_REQUIRE(std::ranges::equal(columns.shape(), unfold_output_sizes(image.shape(), window, geometry)),
             "the columns have sizes ", shape_text(columns.shape()), "; an image of ", shape_text(image.shape()),
             " has windows of ", kernel[0], " x ", kernel[1], " at ", windows[0], " x ", windows[1], " positions");
}

void validate(const Unfold& op) {
  require_memory(op);
  validate_unfold(op.input, op.output, op.kernel, op.geometry);
}

}  // namespace lineshaft
