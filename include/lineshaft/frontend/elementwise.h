// The loading of operands and the storing of results in elementwise programs, for any rules of type promotion. The
// framework's rules give the dtype in which the program computes and the dtype of its result; both may differ from the
// dtypes of the tensors in memory.
//
//   Expr x = load_operand(p, DType::kI32, DType::kF16);  // a tensor of i32, used as f16
//   Expr y = load_number(p, DType::kF16);                // a number, given as argument(2.5, DType::kF16)
//   store_result(p, x * y, DType::kF16, DType::kF32);    // a result of f16, stored to a tensor of f32
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/program/expression.h"

namespace lineshaft::frontend {

// The next input, of dtype `storage`, converted to dtype `compute`, and so rounded or wrapped as a tensor of that dtype
// would be. Both may be any dtypes; the value has compute_type(compute).
LINESHAFT_EXPORT Expr load_operand(ProgramBuilder& p, DType storage, DType compute);
// The next run-time argument, rounded as an element of a tensor of dtype `compute` would be. The caller gives it as
// argument(number, compute) (frontend/map.h). For a number that is not rounded to `compute`, use
// p.arg(compute_type(compute)) instead.
LINESHAFT_EXPORT Expr load_number(ProgramBuilder& p, DType compute);
// Stores the next output, of dtype `storage`: `value` is rounded to dtype `result` first and then converted. So a
// tensor of another dtype gets the same result as a new tensor of dtype `result`, converted.
LINESHAFT_EXPORT void store_result(ProgramBuilder& p, Expr value, DType result, DType storage);

}  // namespace lineshaft::frontend
