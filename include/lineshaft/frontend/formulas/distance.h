// Distances between vectors by the p-norm (torch.cdist): programs for the prologue and epilogue of the reduction over
// the coordinates, and for the gradient.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/program/expression.h"
#include "lineshaft/program/program_cache.h"

namespace lineshaft::frontend::formulas {

// The norms that have programs of their own: p = 0 (how many coordinates differ), 1, 2, infinity (the largest
// difference), and all others.
enum class DistanceNorm : uint8_t { kZero, kOne, kTwo, kMax, kOther };
LINESHAFT_EXPORT DistanceNorm distance_norm(double p);

// The term of one coordinate. Inputs: x, y of `type`. Argument: p, of the compute type of `type`. Output, of that
// compute type: |x - y|^p, to be summed over the coordinates; for kMax |x - y|, of which the maximum is taken.
LINESHAFT_EXPORT ProgramRef distance_term_program(DistanceNorm norm, DType type);
// The distance. Input: the result of the reduction, of the compute type of `type`. Argument: p, of that type. Output:
// of `type`.
LINESHAFT_EXPORT ProgramRef distance_root_program(DistanceNorm norm, DType type);

// Two definitions of the derivative for kZero, kOne and kMax where the difference of the coordinates is NaN (for
// example, infinity minus infinity), and where the distance is 0.
enum class DistanceSlope : uint8_t {
  kNumbers,  // 0 where the difference is NaN; a distance of 0 is not a special case
  kNans,     // NaN where the difference is NaN; 0 where the distance is 0, even if its gradient is NaN
};
// What one distance adds to the gradient of one coordinate x of its first vector; it is to be summed over the second
// vectors. Inputs: the distance's gradient, the distance, and the coordinates x and y, all of `type`. Argument: p, of
// the compute type of `type`. Output: of that type. For kTwo and kOther it is 0 where the distance is 0.
LINESHAFT_EXPORT ProgramRef distance_grad_program(DistanceNorm norm, DType type, DistanceSlope slope);

}  // namespace lineshaft::frontend::formulas
