// The parts of a number, its rounding and its neighbours, as expressions. Operands are floats unless a comment says
// otherwise.
//
// Functions whose names end in _value take more types than the functions for the opcodes of the same names
// (program/expression.h).
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/program/expression.h"
#include "lineshaft/program/program_cache.h"

namespace lineshaft::frontend::formulas {

// -1, 0 or 1, and 0 for a NaN, so that the gradient of abs is 0 there. A bool is its own sign. Any type.
LINESHAFT_EXPORT Expr sign_value(Expr x);
// x rounded down, up, toward zero, and to the nearest integer, where a half is rounded to the even one. Integers are
// returned unchanged.
LINESHAFT_EXPORT Expr floor_value(Expr x);
LINESHAFT_EXPORT Expr ceil_value(Expr x);
LINESHAFT_EXPORT Expr trunc_value(Expr x);
LINESHAFT_EXPORT Expr round_value(Expr x);
// x - trunc_value(x), with the sign of x.
LINESHAFT_EXPORT Expr frac(Expr x);
// x rounded to decimals, where `power` is 10 to the number of decimals; x rounded to a multiple of `unit`. Halves are
// rounded as by round_value. An infinite power gives NaN.
LINESHAFT_EXPORT Expr round_decimals(Expr x, Expr power);
LINESHAFT_EXPORT Expr round_to_multiple(Expr x, Expr unit);
// 10 to the power |decimals|, the `power` or `unit` of the functions above; infinite where the compute type of `type`
// cannot hold it.
LINESHAFT_EXPORT double decimal_power(int64_t decimals, DType type);

// The angle of a real number in the complex plane: pi where x is below 0, else 0; NaN gives NaN.
LINESHAFT_EXPORT Expr angle(Expr x);
// Whether the sign bit is set; the result is bool. -0 and NaNs have a sign bit, too. Any type; false for bools.
LINESHAFT_EXPORT Expr signbit(Expr x);
// The same. Input: x, of any dtype `type`. Output: bool.
LINESHAFT_EXPORT ProgramRef signbit_program(DType type);
// x with NaN, infinity and -infinity replaced by `nan`, `highest` and `lowest`.
LINESHAFT_EXPORT Expr nan_to_num(Expr x, Expr nan, Expr highest, Expr lowest);

// nextafter for numbers that are stored as f16 or bf16. The result is an f32 that becomes the neighbour of x in the
// direction of `toward` when it is stored.
LINESHAFT_EXPORT Expr nextafter_f16(Expr x, Expr toward);
LINESHAFT_EXPORT Expr nextafter_bf16(Expr x, Expr toward);
// Which of the three it is for numbers that are stored as the float `type`.
using Nextafter = Expr (*)(Expr x, Expr toward);
LINESHAFT_EXPORT Nextafter nextafter_formula(DType type);

// x times 2 to the power `exponent`, which is an integer value of x's type. The result is exact wherever x's type can
// hold it, even where the power of 2 alone is outside its range.
LINESHAFT_EXPORT Expr ldexp(Expr x, Expr exponent);
// The same as a program. Inputs: x of dtype `x`, which is converted to the float dtype `common`; the exponent, of an
// integer dtype or bool, which is converted to the compute type of `common` (`common` itself, such as bf16, may not
// hold every exponent). Output: the result rounded to `common`, stored as dtype `out`.
LINESHAFT_EXPORT ProgramRef ldexp_program(DType common, DType x, DType exponent, DType out);

}  // namespace lineshaft::frontend::formulas
