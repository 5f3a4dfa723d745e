// Powers, and logarithms of sums and products, as expressions. Operands are floats of one type unless a comment says
// otherwise.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/program/expression.h"

namespace lineshaft::frontend::formulas {

// x to the power y. For bools: x, but true where y is false. Any type. (For integers to negative powers see the opcode
// Pow.)
LINESHAFT_EXPORT Expr pow_value(Expr x, Expr y);
// The powers 2, 3, -1 and -2 by products and quotients alone. The first two take integers, too.
LINESHAFT_EXPORT Expr square(Expr x);
LINESHAFT_EXPORT Expr cube(Expr x);
LINESHAFT_EXPORT Expr reciprocal(Expr x);
LINESHAFT_EXPORT Expr reciprocal_square(Expr x);

// The powers that have a cheaper form than pow: 1, 2, 3, 0.5, -0.5, -1 and -2, in this order. A framework that keeps
// a program for each of them names it by its place.
struct CheapPower {
  double exponent;
  bool integers;  // takes integers, too
  Expr (*formula)(Expr);
};
inline constexpr int kCheapPowers = 7;
// 0 <= place < kCheapPowers.
LINESHAFT_EXPORT const CheapPower& cheap_power(int place);
// The place of an exponent, or -1 where it has none for integers (`integers`) or floats.
LINESHAFT_EXPORT int find_cheap_power(double exponent, bool integers);

// log(exp(a) + exp(b)), and the same to base 2, computed without overflow of the powers. For two infinities of one sign
// the result is that infinity.
LINESHAFT_EXPORT Expr logaddexp(Expr a, Expr b);
LINESHAFT_EXPORT Expr logaddexp2(Expr a, Expr b);
// a log(b), and a log(1 + b). Where a is 0, the result is 0, unless b is NaN.
LINESHAFT_EXPORT Expr xlogy(Expr a, Expr b);
LINESHAFT_EXPORT Expr xlog1py(Expr a, Expr b);

}  // namespace lineshaft::frontend::formulas
