// The negative log likelihood of samples over classes (formulas/nll_loss.h), in three steps: the class of each sample,
// its score and weight, and their sums. Nothing waits for the device, which finds a target that is no class.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/stream/stream.h"

namespace lineshaft::frontend {

// classes = the targets, with class 0 in the place of `ignored`. `target` is an integer tensor, `classes` is i64 and
// has its sizes.
LINESHAFT_EXPORT void record_nll_classes(Stream& stream, const TensorView& target, int64_t ignored,
                                         const TensorView& classes);

// picked = values[n, classes[n, ...], ...], where `values` has the classes on axis `axis`; or values[classes[...]],
// where it has that axis alone. `picked` has the sizes of `classes` and the dtype of `values`. Throws Error(kIndex)
// where there are no classes, Error(kInvalidArgument) where sizes do not go together.
LINESHAFT_EXPORT void record_nll_picked(Stream& stream, const TensorView& values, int axis, const TensorView& classes,
                                        const TensorView& picked);

// Tensors of one shape: a number each sample.
struct NllSamples {
  TensorView target;
  TensorView scores;   // of the samples' classes; a float
  TensorView weights;  // of the samples' classes, as scores; absent: all are 1
};

// loss = the sum of the samples' losses, over the sum of their weights if `mean`; total = the sum of their weights.
// Samples whose target is `ignored` have loss and weight 0. Sums are taken in the compute type of the scores, in which
// `total` is stored; `loss` is a float. `rounded_total`, if it is there, is the sum of weights as another float. Each
// of these has one element.
LINESHAFT_EXPORT void record_nll_loss(Stream& stream, const NllSamples& samples, int64_t ignored, bool mean,
                                      const TensorView& loss, const TensorView& total,
                                      const TensorView& rounded_total = {});

}  // namespace lineshaft::frontend
