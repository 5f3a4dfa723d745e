#include "lineshaft/ops/fold.h"

#include "ops/operands.h"

namespace lineshaft {

Sizes fold_output_sizes(std::span<const int64_t> columns, std::span<const int64_t> kernel, int64_t height,
                        int64_t width) {
  LS_REQUIRE(kernel[0] >= 1 && kernel[1] >= 1 && columns[1] % kernel[0] == 0 && columns[1] / kernel[0] % kernel[1] == 0,
             "columns of ", columns[1], " elements are no whole windows of ", kernel[0], " x ", kernel[1]);
  Sizes sizes;
  for (int64_t size : {columns[0], columns[1] / kernel[0] / kernel[1], height, width}) sizes.push_back(size);
  return sizes;
}

void validate(const Fold& op) {
  require_memory(op);
  validate_unfold(op.output, op.input, op.kernel, op.geometry);
  LS_REQUIRE(op.input.dtype != DType::kBool, "input is bool; fold sums numbers");
}

}  // namespace lineshaft
