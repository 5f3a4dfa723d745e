// conv: cross-correlation over 1 to 3 spatial axes, with an epilogue.
//
//   r[n, o, x] = sum over c, t of input[n, g*C/G + c, x*stride + t*dilation - padding] * weight[o, c, t]
//
// where G is the number of groups, g = o / (O/G) is the group of output channel o, and elements outside the input are
// 0. Views are [N, C, spatial...] for every layout in memory: channels-last is expressed by strides. The operands are
// floats; input and weight have one dtype. Sums are accumulated in f32 (f64 for f64).
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/ops/operation.h"

namespace lineshaft {

struct ConvGeometry {
  Spatial stride{1, 1, 1};
  Spatial dilation{1, 1, 1};
  Spatial padding_begin{0, 0, 0};
  Spatial padding_end{0, 0, 0};
  int32_t groups = 1;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& v) {
    v.param("stride", self.stride);
    v.param("dilation", self.dilation);
    v.param("padding_begin", self.padding_begin);
    v.param("padding_end", self.padding_end);
    v.param("groups", self.groups);
  }
};

struct Conv {
  TensorView input;   // [N, C, spatial...]
  TensorView weight;  // [O, C/groups, kernel...]
  TensorView output;  // [N, O, spatial...]
  ConvGeometry geometry;
  Epilogue epilogue;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& v) {
    v.input("input", self.input);
    v.input("weight", self.weight);
    v.output("output", self.output);
    ConvGeometry::fields(self.geometry, v);
    Epilogue::fields(self.epilogue, v);
  }
};

LINESHAFT_EXPORT void validate(const Conv& op);
LINESHAFT_EXPORT double units_of(const Conv& op);

// floor((size + padding_begin + padding_end - dilation * (kernel - 1) - 1) / stride) + 1, for spatial axis `i`; 0 where
// the kernel does not fit. Throws Error(kInvalidArgument) for a stride below 1 and an axis outside 0 to 2.
LINESHAFT_EXPORT int64_t conv_output_size(int64_t size, int64_t kernel, const ConvGeometry& geometry, int i);
// The output's sizes, [N, O, spatial...], for an input [N, C, spatial...] and a weight [O, C/groups, kernel...]. A
// spatial size is 0 where the kernel does not fit. Throws as require_conv_ranks and conv_output_size do.
LINESHAFT_EXPORT Sizes conv_output_sizes(std::span<const int64_t> input, std::span<const int64_t> weight,
                                         const ConvGeometry& geometry);
// Throws Error(kInvalidArgument) unless the ranks of the input and the weight are equal, and 3 to 5.
LINESHAFT_EXPORT void require_conv_ranks(size_t input, size_t weight);
// The part of validate that conv and its gradients share.
LINESHAFT_EXPORT void validate_conv(const TensorView& input, const TensorView& weight, const TensorView& output,
                                    const ConvGeometry& geometry);

}  // namespace lineshaft
