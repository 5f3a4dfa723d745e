// Powers, and logarithms of sums and products, as expressions. Operands are floats of one type, but where a line says
// otherwise.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/program/expression.h"

namespace lineshaft::frontend::formulas {

// x to the power y. Of bools: x, and true where y is false. Any type. (Integers by negative powers: see the opcode.)
LINESHAFT_EXPORT Expr pow_value(Expr x, Expr y);
// The powers 2, 3, -1 and -2 by products and quotients alone. The first two take integers, too.
LINESHAFT_EXPORT Expr square(Expr x);
LINESHAFT_EXPORT Expr cube(Expr x);
LINESHAFT_EXPORT Expr reciprocal(Expr x);
LINESHAFT_EXPORT Expr reciprocal_square(Expr x);

// log(exp(a) + exp(b)), and the same to base 2, without the range of either power. Infinities of one sign add up to
// that infinity.
LINESHAFT_EXPORT Expr logaddexp(Expr a, Expr b);
LINESHAFT_EXPORT Expr logaddexp2(Expr a, Expr b);
// a log(b), and a log(1 + b): 0 where a is 0, whatever b is, but for a NaN.
LINESHAFT_EXPORT Expr xlogy(Expr a, Expr b);
LINESHAFT_EXPORT Expr xlog1py(Expr a, Expr b);

}  // namespace lineshaft::frontend::formulas
