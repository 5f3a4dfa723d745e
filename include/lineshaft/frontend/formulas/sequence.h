// Programs that make tensors of nothing: zeros, ranges, identity matrices. None has inputs; what they compute comes of
// an element's place.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/program/program.h"

namespace lineshaft::frontend::formulas {

// No arguments. Output: 0 of `type`, any dtype.
LINESHAFT_EXPORT ProgramRef zeros_program(DType type);

// start + i step for the i-th element in row-major order, computed in compute_type(type): a 16-bit float counts in f32.
// Arguments: start, step of that type, i32, i64, f32 or f64. Output: `type`, any dtype but bool.
LINESHAFT_EXPORT ProgramRef arange_program(DType type);

// `steps` numbers from start to end, counted from the nearer end, so that both ends are exact. Computed in
// compute_type(type) where `type` is a float, else in f32, and cut off toward 0. Arguments: start, end, step of that
// type, where step is (end - start) / (steps - 1); steps, i64. Output: `type`, any dtype.
LINESHAFT_EXPORT ProgramRef linspace_program(DType type);
// Its step; 0 where there is one number or none.
LINESHAFT_EXPORT double linspace_step(double start, double end, int64_t steps);

// 1 where row and column are one number, else 0. No arguments. Output: a matrix of `type`, any dtype.
LINESHAFT_EXPORT ProgramRef eye_program(DType type);

}  // namespace lineshaft::frontend::formulas
