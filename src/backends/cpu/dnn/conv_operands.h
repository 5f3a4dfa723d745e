// Makes a ConvProblem from the views of a convolution.
#pragma once

#include "backends/cpu/dnn/conv_problem.h"

namespace lineshaft::cpu {

inline ConvProblem conv_problem(Context& context, ConvPass pass, const ConvGeometry& geometry, const TensorView& input,
                                const TensorView& weight, const TensorView& output) {
  ConvProblem problem{.pass = pass, .spatial = input.rank - 2, .geometry = geometry};
  const TensorView* views[] = {&input, &weight, &output};
  for (int i = 0; i < 3; ++i) {
    problem.sizes[i] = views[i]->sizes;
    problem.arrays[i] = {views[i]->numel() ? context.data(*views[i]) : nullptr, views[i]->dtype, views[i]->strides};
  }
  problem.weight_view = &weight;
  return problem;
}

}  // namespace lineshaft::cpu
