// How an elementwise program takes its operands and stores its result, whatever a framework's rules of promotion are:
// they name the dtype in which it is computed and the dtype of the result, which need not be what lies in memory.
//
//   Expr x = load_operand(p, DType::kI32, DType::kF16);  // a tensor of i32, taken as f16
//   Expr y = load_number(p, DType::kF16);                // a number beside it: argument(2.5, DType::kF16)
//   store_result(p, x * y, DType::kF16, DType::kF32);    // a result of f16 into a tensor of f32
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/program/expression.h"

namespace lineshaft::frontend {

// The next input, of dtype `storage`, as it would be after a conversion to `compute`, of any dtype: rounded, wrapped.
LINESHAFT_EXPORT Expr load_operand(ProgramBuilder& p, DType storage, DType compute);
// The next run-time argument, which argument(number, compute) of frontend/map.h gives, as an element of a tensor of
// `compute` would be: rounded. Where a number takes part as exactly as the program computes, it is
// p.arg(compute_type(compute)).
LINESHAFT_EXPORT Expr load_number(ProgramBuilder& p, DType compute);
// The next output, of dtype `storage`: `value` rounded to the result's dtype first and then converted, so that what is
// written into a tensor of another dtype is the result that a new tensor would have had.
LINESHAFT_EXPORT void store_result(ProgramBuilder& p, Expr value, DType result, DType storage);

}  // namespace lineshaft::frontend
