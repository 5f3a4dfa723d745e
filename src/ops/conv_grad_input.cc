#include "lineshaft/ops/conv_grad_input.h"

#include "base/compiler.h"
#include "ops/operands.h"

namespace lineshaft {

Sizes conv_transposed_output_sizes(std::span<const int64_t> input, std::span<const int64_t> weight,
                                   const ConvGeometry& geometry, const Spatial& extra) {
  require_conv_ranks(input.size(), weight.size());
  Sizes sizes;
  sizes.push_back(input[0]);
  sizes.push_back(saturating_product(weight[1], geometry.groups));
  for (size_t i = 0; i + 2 < input.size(); ++i) {
    Int128 from = input[i + 2], kernel = weight[i + 2];
    Int128 size = (from - 1) * geometry.stride[i] - geometry.padding_begin[i] - geometry.padding_end[i] +
                  geometry.dilation[i] * (kernel - 1) + extra[i] + 1;
    sizes.push_back(saturated(size));
  }
  return sizes;
}

Sizes fit_conv_transposed(ConvGeometry& geometry, std::span<const int64_t> input, std::span<const int64_t> weight,
                          std::span<const int64_t> output) {
  require_conv_ranks(input.size(), weight.size());
  LS_REQUIRE(output.size() == input.size(), "an output of rank ", output.size(), " and an input of rank ", input.size(),
             "; a convolution takes one rank");
  Sizes sizes(input.begin(), input.end());
  for (size_t i = 0; i + 2 < output.size(); ++i) {
    int64_t wanted = input[i + 2];
    auto size = [&] { return conv_output_size(output[i + 2], weight[i + 2], geometry, static_cast<int>(i)); };
    auto fits = [&](int32_t padding) {
      geometry.padding_end[i] = padding;
      return size() <= wanted;
    };
    if (int32_t most = geometry.padding_end[i]; most > 0 && !fits(most)) {
      // The largest padding that fits, as a smaller one never gives a larger size; none where not even that fits.
      int32_t low = 0, high = most;
      while (high - low > 1) {
        int32_t middle = low + (high - low) / 2;
        (fits(middle) ? low : high) = middle;
      }
      geometry.padding_end[i] = low;
    }
    LS_REQUIRE(size() >= wanted, "an input of size ", wanted, " gives no output of size ", output[i + 2],
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
