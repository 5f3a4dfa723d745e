#include "lineshaft/ops/conv.h"

#include "base/compiler.h"
#include "ops/operands.h"

namespace lineshaft {

void require_conv_ranks(size_t input, size_t weight) {
  LS_REQUIRE(input == weight && input >= 3 && input <= 5, "an input of rank ", input, " and a weight of rank ", weight,
             "; a convolution takes one rank, 3 to 5");
}

int64_t conv_output_size(int64_t size, int64_t kernel, const ConvGeometry& geometry, int i) {
  constexpr int kAxes = std::tuple_size_v<Spatial>;
  LS_REQUIRE(i >= 0 && i < kAxes, "spatial axis ", i, " is asked for; they are 0 to ", kAxes - 1);
  LS_REQUIRE(geometry.stride[i] >= 1, "stride is ", geometry.stride[i], " on spatial axis ", i, "; it is at least 1");
  Int128 room = static_cast<Int128>(size) + geometry.padding_begin[i] + geometry.padding_end[i] -
                static_cast<Int128>(geometry.dilation[i]) * (static_cast<Int128>(kernel) - 1) - 1;
  if (room < 0) return 0;
  return saturated(room / geometry.stride[i] + 1);
}

Sizes conv_output_sizes(std::span<const int64_t> input, std::span<const int64_t> weight, const ConvGeometry& geometry) {
  require_conv_ranks(input.size(), weight.size());
  Sizes sizes;
  sizes.push_back(input[0]);
  sizes.push_back(weight[0]);
  for (size_t i = 2; i < input.size(); ++i)
    sizes.push_back(conv_output_size(input[i], weight[i], geometry, static_cast<int>(i) - 2));
  return sizes;
}

void validate_conv(const TensorView& input, const TensorView& weight, const TensorView& output,
                   const ConvGeometry& geometry) {
  require_float("the input side", input);
  require_float("the weight side", weight);
  require_float("the output side", output);
  LS_REQUIRE(input.rank >= 3 && input.rank <= 5, "a convolution of rank ", int{input.rank},
             "; it takes [N, C, spatial...] with 1 to 3 spatial axes");
  require_rank("the weight side", weight, input.rank);
  require_rank("the output side", output, input.rank);
  int spatial = input.rank - 2;
  require_spatial("stride", geometry.stride, spatial, 1, 1);
  require_spatial("dilation", geometry.dilation, spatial, 1, 1);
  require_spatial("padding_begin", geometry.padding_begin, spatial, 0, 0);
  require_spatial("padding_end", geometry.padding_end, spatial, 0, 0);
  int64_t groups = geometry.groups, channels = input.sizes[1], features = weight.sizes[0];
  LS_REQUIRE(groups >= 1, "groups is ", groups, "; it is at least 1");
  LS_REQUIRE(channels % groups == 0 && features % groups == 0, groups, " groups do not divide ", channels,
             " input and ", features, " output channels");
  LS_REQUIRE(weight.sizes[1] == channels / groups, "the weight takes ", weight.sizes[1], " channels a group; ",
             channels, " channels in ", groups, " groups have ", channels / groups);
  LS_REQUIRE(input.sizes[0] == output.sizes[0], "the input has ", input.sizes[0], " images, the output ",
             output.sizes[0]);
  LS_REQUIRE(output.sizes[1] == features, "the output has ", output.sizes[1], " channels, the weight ", features);
  for (int i = 0; i < spatial; ++i) {
    int64_t kernel = weight.sizes[2 + i];
    LS_REQUIRE(kernel >= 1, "the kernel has size ", kernel, " on spatial axis ", i, "; it is at least 1");
    int64_t expected = conv_output_size(input.sizes[2 + i], kernel, geometry, i);
    LS_REQUIRE(expected >= 1, "a kernel of ", kernel, " with dilation ", geometry.dilation[i],
               " is larger than the padded input on spatial axis ", i, " of size ", input.sizes[2 + i]);
    LS_REQUIRE(output.sizes[2 + i] == expected, "the output has size ", output.sizes[2 + i], " on spatial axis ", i,
               "; the geometry gives ", expected);
  }
  require_work({output.numel(), weight.sizes[1], weight.sizes[2], spatial > 1 ? weight.sizes[3] : 1,
                spatial > 2 ? weight.sizes[4] : 1});
}

void validate(const Conv& op) {
  require_memory(op, {"inputs"});
  validate_conv(op.input, op.weight, op.output, op.geometry);
  require_dtype("weight", op.weight, op.input.dtype);
  require_epilogue(op.epilogue, op.output);
  LS_REQUIRE(is_float(result_dtype(op.epilogue, op.output)), "the epilogue takes the result as ",
             name_of(result_dtype(op.epilogue, op.output)), "; a convolution gives floats");
}

double units_of(const Conv& op) {
  return filter_products(op.output, op.weight);
}

}  // namespace lineshaft
