// Special functions as expressions: Bessel functions of imaginary argument, the scaled complementary error function,
// polygamma. Operands are floats, f32 or f64.
//
// The Bessel functions and erfcx are Chebyshev series, whose coefficients were computed from the definitions in 40
// digits; f32 takes as many terms as it can see.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/program/expression.h"
#include "lineshaft/program/program_cache.h"

namespace lineshaft::frontend::formulas {

// sin(pi x) / (pi x), and 1 at 0.
LINESHAFT_EXPORT Expr sinc(Expr x);

// The modified Bessel functions of the first kind, of orders 0 and 1; and both times exp(-|x|). i0 and i1 are infinite
// where exp(|x|) is, and NaN at infinities.
LINESHAFT_EXPORT Expr i0(Expr x);
LINESHAFT_EXPORT Expr i0e(Expr x);
LINESHAFT_EXPORT Expr i1(Expr x);
LINESHAFT_EXPORT Expr i1e(Expr x);

// exp(x^2) erfc(x).
LINESHAFT_EXPORT Expr erfcx(Expr x);

// The derivative of digamma of order `order`, 0 or more: for x > 0 by Hurwitz's zeta function (Euler and Maclaurin's
// formula), for x < 0 by the reflection formula, and by the greatest terms of the series where the order is high. An
// infinity at 0 and at negative integers, of the sign that the order gives.
LINESHAFT_EXPORT Expr polygamma(int64_t order, Expr x);
// The same. Input: x of dtype `from`, converted to the compute type of `type`. Output: of the float `type`. The order
// is part of the program.
LINESHAFT_EXPORT ProgramRef polygamma_program(int64_t order, DType from, DType type);

}  // namespace lineshaft::frontend::formulas
