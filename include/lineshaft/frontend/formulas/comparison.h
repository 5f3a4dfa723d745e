// The greater and the lesser of two numbers, and what is chosen by a comparison, as expressions. The operands of a
// formula have one compute type, any of them. Of bools the greater is "or", the lesser "and".
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/program/expression.h"

namespace lineshaft::frontend::formulas {

// Of a NaN and a number: the NaN.
LINESHAFT_EXPORT Expr maximum(Expr a, Expr b);
LINESHAFT_EXPORT Expr minimum(Expr a, Expr b);
// Of a NaN and a number: the number.
LINESHAFT_EXPORT Expr fmax(Expr a, Expr b);
LINESHAFT_EXPORT Expr fmin(Expr a, Expr b);

// x, but at least `bound`; and at most. A NaN stays, and a zero at a bound of zero keeps its sign.
LINESHAFT_EXPORT Expr clamp_min(Expr x, Expr bound);
LINESHAFT_EXPORT Expr clamp_max(Expr x, Expr bound);

// Heaviside's step: 0 below 0, 1 above, and at 0 `at_zero`. 0 for a NaN.
LINESHAFT_EXPORT Expr heaviside(Expr x, Expr at_zero);

}  // namespace lineshaft::frontend::formulas
