// Programs that copy and select elements. A mask or condition may have any dtype; values that are not 0 count as true.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/program/program.h"

namespace lineshaft::frontend::formulas {

// An element of `from` converted to `to` as convert() does (program/expression.h); if `negate`, negated.
LINESHAFT_EXPORT ProgramRef convert_program(DType from, DType to, bool negate = false);
// The same value for all elements. No inputs. Argument (of the compute type of `type`): the value. Output: of `type`.
LINESHAFT_EXPORT ProgramRef fill_program(DType type);

// Inputs: the condition, x, y, of the dtypes `condition`, `x` and `y`. Output: x where the condition holds, else y,
// converted to `result`.
LINESHAFT_EXPORT ProgramRef where_program(DType condition, DType x, DType y, DType result);
// Inputs: the element, of `type`; the mask. Argument (of the compute type of `type`): the value. Output: the value
// where the mask holds, else the element, of `type`.
LINESHAFT_EXPORT ProgramRef masked_fill_program(DType mask, DType type);
// The same, but the value is input 2, of dtype `value`, and is converted to `type`. No argument.
LINESHAFT_EXPORT ProgramRef masked_fill_from_program(DType mask, DType type, DType value);

// Inputs: an element of matrices of `type`, which are the last two of `rank` axes. Argument (i64): the diagonal, 0 for
// the main one, above 0 for those above it. Output: the element on the diagonal and below it (`lower`), or on it and
// above; 0 elsewhere.
LINESHAFT_EXPORT ProgramRef triangle_program(DType type, bool lower, int rank);

}  // namespace lineshaft::frontend::formulas
