// Sums, products and quotients, and formulas that are made of them, as expressions. The operands of a formula have one
// compute type, float or integer, unless a comment says otherwise. Integers wrap.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/program/expression.h"
#include "lineshaft/program/program_cache.h"

namespace lineshaft::frontend::formulas {

// a + b, and a b. For bools, "or" and "and".
LINESHAFT_EXPORT Expr add(Expr a, Expr b);
LINESHAFT_EXPORT Expr mul(Expr a, Expr b);

// a / b rounded toward zero.
LINESHAFT_EXPORT Expr trunc_divide(Expr a, Expr b);
// a / b rounded down. It is computed from remainder(a, b), so that both agree. A float divided by 0 gives a / b; an
// integer divided by 0 gives 0, or -1 where it is negative.
LINESHAFT_EXPORT Expr floor_divide(Expr a, Expr b);
// The remainder of floor_divide, with the sign of b, as Python's %. (The opcode rem has the sign of a.) For an integer
// a and b = 0 it is 0.
LINESHAFT_EXPORT Expr remainder(Expr a, Expr b);

// The greatest common divisor and the least common multiple of integers of dtype `type`, which are given in its compute
// type, by Euclid's algorithm, with as many steps as numbers of `type` can need. Results are not negative, except where
// they exceed the range of `type` and wrap. gcd(0, 0) and lcm(0, x) are 0.
LINESHAFT_EXPORT Expr gcd(Expr x, Expr y, DType type);
LINESHAFT_EXPORT Expr lcm(Expr x, Expr y, DType type);

// start + weight (end - start), computed from the nearer end, so that a weight of 1 gives `end` exactly. Floats.
LINESHAFT_EXPORT Expr lerp(Expr start, Expr end, Expr weight);
// x + value a b, and x + value a / b.
LINESHAFT_EXPORT Expr addcmul(Expr x, Expr a, Expr b, Expr value);
LINESHAFT_EXPORT Expr addcdiv(Expr x, Expr a, Expr b, Expr value);
// alpha a b, and beta x + alpha a b. With a column `a` and a row `b` that broadcast, these are an outer product, and
// one that is added to a matrix x (torch.addr). For bools, products are "and" and the sum is "or".
LINESHAFT_EXPORT Expr scaled_product(Expr a, Expr b, Expr alpha);
LINESHAFT_EXPORT Expr addr(Expr x, Expr a, Expr b, Expr beta, Expr alpha);

// The cross product of two vectors of three elements. Inputs: the elements of a, then those of b. Outputs: the elements
// of the result. All have `type`, not bool. Each element is the difference of two products that are rounded to `type`.
LINESHAFT_EXPORT ProgramRef cross_program(DType type);

}  // namespace lineshaft::frontend::formulas
