#include "lineshaft/ops/unfold.h"

#include "base/compiler.h"
#include "ops/operands.h"

namespace lineshaft {

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
  int64_t windows[2];
  for (int i = 0; i < 2; ++i) {
    windows[i] = conv_output_size(image.sizes[2 + i], kernel[i], geometry, i);
    LS_REQUIRE(windows[i] >= 1, "a kernel of ", kernel[i], " with dilation ", geometry.dilation[i],
               " is larger than the padded image on spatial axis ", i, " of size ", image.sizes[2 + i]);
  }
  Int128 rows = static_cast<Int128>(kernel[0]) * kernel[1] * image.sizes[1];
  Int128 positions = static_cast<Int128>(windows[0]) * windows[1];
  LS_REQUIRE(columns.sizes[0] == image.sizes[0] && columns.sizes[1] == rows && columns.sizes[2] == positions,
             "the columns have sizes ", shape_text(columns.shape()), "; an image of ", shape_text(image.shape()),
             " has windows of ", kernel[0], " x ", kernel[1], " at ", windows[0], " x ", windows[1], " positions");
}

void validate(const Unfold& op) {
  require_memory(op);
  validate_unfold(op.input, op.output, op.kernel, op.geometry);
}

}  // namespace lineshaft
