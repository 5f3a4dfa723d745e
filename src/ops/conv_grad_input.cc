#include "lineshaft/ops/conv_grad_input.h"

#include "base/compiler.h"
#include "ops/operands.h"

namespace lineshaft {

Sizes conv_transposed_output_sizes(std::span<const int64_t> input, std::span<const int64_t> weight,
                                   const ConvGeometry& geometry, const Spatial& extra) {
  Sizes sizes;
  sizes.push_back(input[0]);
  sizes.push_back(weight[1] * geometry.groups);
  for (size_t i = 0; i + 2 < input.size(); ++i) {
    Int128 size = static_cast<Int128>(input[i + 2] - 1) * geometry.stride[i] - geometry.padding_begin[i] -
                  geometry.padding_end[i] + static_cast<Int128>(geometry.dilation[i]) * (weight[i + 2] - 1) + extra[i] +
                  1;
    sizes.push_back(saturated(size));
  }
  return sizes;
}

Sizes fit_conv_transposed(ConvGeometry& geometry, std::span<const int64_t> input, std::span<const int64_t> weight,
                          std::span<const int64_t> output) {
  Sizes sizes(input.begin(), input.end());
  for (size_t i = 0; i + 2 < output.size(); ++i) {
    auto size = [&] { return conv_output_size(output[i + 2], weight[i + 2], geometry, static_cast<int>(i)); };
    while (size() > input[i + 2] && geometry.padding_end[i] > 0) --geometry.padding_end[i];
    LS_REQUIRE(size() >= input[i + 2], "an input of size ", input[i + 2], " gives no output of size ", output[i + 2],
               " on spatial axis ", i);
    sizes[i + 2] = size();
  }
  return sizes;
}

void validate(const ConvGradInput& op) {
  require_memory(op, {"inputs"});
  validate_conv(op.output, op.weight, op.grad_output, op.geometry);
  require_dtype("weight", op.weight, op.grad_output.dtype);
  require_epilogue(op.epilogue, op.output);
  LS_REQUIRE(is_float(result_dtype(op.epilogue, op.output)), "the epilogue takes the result as ",
             name_of(result_dtype(op.epilogue, op.output)), "; a convolution gives floats");
}

double units_of(const ConvGradInput& op) {
  return filter_products(op.grad_output, op.weight);
}

}  // namespace lineshaft
