// Losses of many elements as one number: formulas of single elements (formulas/losses.h), reduced.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/ops/operation.h"
#include "lineshaft/stream/stream.h"

namespace lineshaft::frontend {

// Records the sum, or the mean if asked, of what elements(inputs..., args...) gives. `inputs`, one at least, have one
// shape, as views that broadcast have; `elements` has one output, of a float compute type, in which is summed. `loss`
// has one element, of a float. The mean over no elements is NaN.
LINESHAFT_EXPORT void record_loss(Stream& stream, ProgramRef elements, List<TensorView> inputs, List<Scalar> args,
                                  bool mean, const TensorView& loss);

// The number `norm` of the formulas of gradients, of a loss over `count` elements: 1 / count of a mean, 1 of a sum.
inline double loss_norm(int64_t count, bool mean) {
  return mean ? 1.0 / static_cast<double>(count) : 1.0;
}

}  // namespace lineshaft::frontend
