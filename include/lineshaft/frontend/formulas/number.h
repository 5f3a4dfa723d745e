// The parts of a number, its rounding and its neighbours, as expressions. Operands are floats, but where a line says
// otherwise.
//
// A name that ends in _value is that of an opcode, whose function of the plain name (program/expression.h) takes fewer
// types.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/program/expression.h"
#include "lineshaft/program/program_cache.h"

namespace lineshaft::frontend::formulas {

// -1, 0 or 1, and 0 for a NaN, so that the gradient of abs is 0 there. A bool is its own sign. Any type.
LINESHAFT_EXPORT Expr sign_value(Expr x);
// x rounded down, up, toward zero, and to the nearest integer, where halves go to the even one. Integers stay.
LINESHAFT_EXPORT Expr floor_value(Expr x);
LINESHAFT_EXPORT Expr ceil_value(Expr x);
LINESHAFT_EXPORT Expr trunc_value(Expr x);
LINESHAFT_EXPORT Expr round_value(Expr x);
// What trunc_value takes off, with the sign of x.
LINESHAFT_EXPORT Expr frac(Expr x);
// x rounded to decimals, where `power` is 10 to the number of decimals; and to a multiple of `unit`. Halves as in
// round_value. An infinite power gives NaN.
LINESHAFT_EXPORT Expr round_decimals(Expr x, Expr power);
LINESHAFT_EXPORT Expr round_to_multiple(Expr x, Expr unit);
// 10 to the magnitude of `decimals`, for both: infinite where the compute type of `type` does not hold it.
LINESHAFT_EXPORT double decimal_power(int64_t decimals, DType type);

// The angle of a real number in the complex plane: pi below 0, else 0; a NaN stays.
LINESHAFT_EXPORT Expr angle(Expr x);
// Whether the sign bit is set, bool: also of -0 and of NaNs. Any type; never for bools.
LINESHAFT_EXPORT Expr signbit(Expr x);
// x with three numbers in the place of NaN, infinity and -infinity.
LINESHAFT_EXPORT Expr nan_to_num(Expr x, Expr nan, Expr highest, Expr lowest);

// nextafter, the opcode, for numbers that are stored as f16 or bf16: f32 which rounds to the neighbour of x toward
// `toward` when it is stored.
LINESHAFT_EXPORT Expr nextafter_f16(Expr x, Expr toward);
LINESHAFT_EXPORT Expr nextafter_bf16(Expr x, Expr toward);

// x times 2 to the power `exponent`, an integer that x's type holds: exact wherever the result is a number of that
// type, also where the power itself passes the range.
LINESHAFT_EXPORT Expr ldexp(Expr x, Expr exponent);
// The same. Inputs: x of dtype `x`, converted to the float `common`, and the exponent, of an integer type or bool,
// which is not rounded to `common` (bf16 does not hold every integer that matters) but to its compute type. Output: the
// result, rounded to `common`, as dtype `out`.
LINESHAFT_EXPORT ProgramRef ldexp_program(DType common, DType x, DType exponent, DType out);

}  // namespace lineshaft::frontend::formulas
