// The programs for the gradient of an embedding, which sums gradients for each row that was used.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/program/program.h"

namespace lineshaft::frontend::formulas {

// Inputs: the gradient of one element, of the float dtype `type`; the row that it belongs to, of the integer dtype
// `index`. Argument (of the compute type of `index`): the padding row, whose gradient is 0. Output: the gradient, or 0
// for the padding row, of `type`.
LINESHAFT_EXPORT ProgramRef padded_row_grad_program(DType type, DType index);
// Inputs: the summed gradient of a row, of the float dtype `type`; how often the row was used, f32. Output: the
// gradient divided by that number, of `type`. The gradient of a row that was not used is divided by 1.
LINESHAFT_EXPORT ProgramRef row_frequency_grad_program(DType type);

}  // namespace lineshaft::frontend::formulas
