// The programs of an embedding's gradient, which is summed by the rows that were used.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/program/program.h"

namespace lineshaft::frontend::formulas {

// Inputs: the gradient of one element, of the float `type`; the row that it came from, of the integer `index`. Argument
// (of the compute type of `index`): the padding row, which does not learn. Output: the gradient, or 0 for the padding
// row, of `type`.
LINESHAFT_EXPORT ProgramRef padded_row_grad_program(DType type, DType index);
// Inputs: the gradient of a row, summed, of the float `type`; how often the row was used, f32. Output: the gradient
// over that number, of `type`. A row that was not used is divided by 1.
LINESHAFT_EXPORT ProgramRef row_frequency_grad_program(DType type);

}  // namespace lineshaft::frontend::formulas
