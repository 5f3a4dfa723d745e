// Maximum, minimum and other choices by comparison, as expressions. The operands of a formula have one compute type,
// which may be any. For bools the maximum is "or", the minimum "and".
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/program/expression.h"

namespace lineshaft::frontend::formulas {

// For a NaN and a number: the NaN.
LINESHAFT_EXPORT Expr maximum(Expr a, Expr b);
LINESHAFT_EXPORT Expr minimum(Expr a, Expr b);
// For a NaN and a number: the number.
LINESHAFT_EXPORT Expr fmax(Expr a, Expr b);
LINESHAFT_EXPORT Expr fmin(Expr a, Expr b);

// x, but at least `bound`; x, but at most `bound`. NaN gives NaN; for a bound of 0, a zero keeps its sign.
LINESHAFT_EXPORT Expr clamp_min(Expr x, Expr bound);
LINESHAFT_EXPORT Expr clamp_max(Expr x, Expr bound);

// The Heaviside step function: 0 where x is below 0, 1 where it is above, `at_zero` where it is 0. 0 for a NaN.
LINESHAFT_EXPORT Expr heaviside(Expr x, Expr at_zero);

}  // namespace lineshaft::frontend::formulas
