// Special functions as expressions: sinc, modified Bessel functions, the scaled complementary error function,
// polygamma. Operands are f32 or f64.
//
// The Bessel functions and erfcx are computed by Chebyshev series, whose coefficients were computed from the
// definitions with 40 digits; f32 uses as many terms as its precision needs.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/program/expression.h"
#include "lineshaft/program/program_cache.h"

namespace lineshaft::frontend::formulas {

// sin(pi x) / (pi x), and 1 at 0.
LINESHAFT_EXPORT Expr sinc(Expr x);

// The modified Bessel functions of the first kind, of orders 0 and 1; and both times exp(-|x|). i0 and i1 are infinite
// where exp(|x|) overflows, and NaN at infinities.
LINESHAFT_EXPORT Expr i0(Expr x);
LINESHAFT_EXPORT Expr i0e(Expr x);
LINESHAFT_EXPORT Expr i1(Expr x);
LINESHAFT_EXPORT Expr i1e(Expr x);

// exp(x^2) erfc(x).
LINESHAFT_EXPORT Expr erfcx(Expr x);

// The derivative of order `order`, at least 0, of digamma: for x > 0 by the Hurwitz zeta function (Euler-Maclaurin
// formula); for x < 0 by the reflection formula or, for high orders, by the largest terms of the series. At 0 and at
// negative integers it is an infinity, whose sign depends on the order.
LINESHAFT_EXPORT Expr polygamma(int64_t order, Expr x);
// The same as a program. Input: x of dtype `from`, which is converted to the compute type of `type`. Output: of the
// float dtype `type`. Each order has a program of its own.
LINESHAFT_EXPORT ProgramRef polygamma_program(int64_t order, DType from, DType type);

}  // namespace lineshaft::frontend::formulas
