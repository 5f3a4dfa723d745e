// Prologues and epilogues for the operation `reduce`. `accumulated` is accumulate_type() of the result's dtype, the
// type in which sums are accumulated.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/ops/reduce.h"

namespace lineshaft::frontend::formulas {

// A prologue that converts values of `from` to `to` and, if `nan_to_zero`, NaN to 0. Null where no prologue is needed,
// because the operation accumulates in the same type.
LINESHAFT_EXPORT ProgramRef reduced_values_program(DType from, DType to, bool nan_to_zero);
// A prologue that gives 1 for values that are not 0, and 0 for others, i64.
LINESHAFT_EXPORT ProgramRef count_nonzero_program(DType from);
// The epilogue of a mean. Argument (of `accumulated`): the count. Output: sum / count, of the float `result`.
LINESHAFT_EXPORT ProgramRef mean_program(DType accumulated, DType result);
// The square root of a value of the float `from`, as the float `to`.
LINESHAFT_EXPORT ProgramRef square_root_program(DType from, DType to);

// Norms of vectors, by their order p. The norm of order 0 is the number of elements that are not 0, that of order
// infinity the largest magnitude, that of order -infinity the smallest magnitude; all others are (sum of |x|^p)^(1/p).
enum class VectorNorm : uint8_t { kZero, kOne, kTwo, kMax, kMin, kPower };
LINESHAFT_EXPORT VectorNorm vector_norm_of(double order);
// The reduction of the values that the prologue gives.
LINESHAFT_EXPORT ReduceKind vector_norm_kind(VectorNorm norm);
// Input: a float of `from`. Output: of `accumulated`. Argument (of `accumulated`), for kPower only: the order.
LINESHAFT_EXPORT ProgramRef vector_norm_prologue(VectorNorm norm, DType from, DType accumulated);
// Input: the reduced value, of `accumulated`. Output: the norm, of the float `result`. Argument (of `accumulated`), for
// kPower only: 1 / order.
LINESHAFT_EXPORT ProgramRef vector_norm_epilogue(VectorNorm norm, DType accumulated, DType result);

}  // namespace lineshaft::frontend::formulas
