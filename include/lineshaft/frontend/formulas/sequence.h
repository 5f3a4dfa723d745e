// Programs that create tensors: zeros, ranges, identity matrices. They have no inputs; the result depends only on the
// position of the element and on arguments.
#pragma once

#include <array>

#include "lineshaft/base/export.h"
#include "lineshaft/program/program.h"

namespace lineshaft::frontend::formulas {

// No arguments. Output: 0 of `type`, any dtype.
LINESHAFT_EXPORT ProgramRef zeros_program(DType type);

// start + i step for the i-th element in row-major order, computed in compute_type(type). Arguments: start, step of
// that compute type. Output: `type`, any dtype but bool.
LINESHAFT_EXPORT ProgramRef arange_program(DType type);

// `steps` numbers from start to end, both included; each is computed from the nearer end, so that both ends are exact.
// The computation is in compute_type(type) where `type` is a float, else in f32 with truncation toward 0. Arguments:
// start, end, step of that type, where step is (end - start) / (steps - 1); steps, i64. Output: `type`, any dtype.
LINESHAFT_EXPORT ProgramRef linspace_program(DType type);
// The step for linspace_program; 0 where `steps` is at most 1.
LINESHAFT_EXPORT double linspace_step(double start, double end, int64_t steps);
// Its arguments. One number is `start`, whatever `end` is.
LINESHAFT_EXPORT std::array<Scalar, 4> linspace_arguments(double start, double end, int64_t steps);

// 1 on the main diagonal, else 0. No arguments. Output: a matrix of `type`, any dtype.
LINESHAFT_EXPORT ProgramRef eye_program(DType type);

}  // namespace lineshaft::frontend::formulas
