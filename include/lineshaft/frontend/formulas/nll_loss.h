// The programs of the negative log likelihood loss (torch.nn.functional.nll_loss). The target of a sample is the number
// of its class; the loss is minus the score of that class, times the weight of the class where classes have weights. A
// sample whose target equals `ignored` has loss 0 and weight 0, whether or not such a class exists. `target` is the
// dtype of targets, an integer such as i64 or u8; `type` is the dtype of scores and weights, a float.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/program/program.h"

namespace lineshaft::frontend::formulas {

// The class whose score is read for a sample: its target, or class 0 where the sample is ignored. Input: the target.
// Argument (i64): ignored. Output: the class, i64.
LINESHAFT_EXPORT ProgramRef nll_class_program(DType target);

enum class NllPart : uint8_t { kLoss, kWeight };

// One sample's loss, or its weight (1 where classes have no weights). Inputs: the target; for a loss, the score of the
// sample's class; if `weighted`, the weight of the sample's class. Argument (of the target's compute type): ignored.
// Output: the value, of the float `result`.
LINESHAFT_EXPORT ProgramRef nll_sample_program(NllPart part, DType target, DType type, bool weighted, DType result);

// The mean loss. Inputs, of the compute type `sum`: the sum of all losses, the sum of all weights. Output: the
// quotient, of the float dtype `result`.
LINESHAFT_EXPORT ProgramRef nll_mean_program(DType sum, DType result);

// The gradient of one score: -grad weight / total for the sample's class, 0 for other classes. Axis `axis` of the
// output is the axis of classes. Inputs, which broadcast to the scores: the target; the gradient of the loss; if
// `weighted`, the weights; if `mean`, the sum of the samples' weights. Argument (i64): ignored. Output: the gradient,
// of `type`.
LINESHAFT_EXPORT ProgramRef nll_grad_program(DType target, DType type, bool weighted, bool mean, int axis);

}  // namespace lineshaft::frontend::formulas
