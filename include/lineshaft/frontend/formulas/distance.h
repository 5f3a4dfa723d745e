// Distances between vectors by the p-norm: programs of the reduction that sums over the coordinates, of what it stores,
// and of the gradient.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/program/expression.h"
#include "lineshaft/program/program_cache.h"

namespace lineshaft::frontend::formulas {

// The norms that have programs of their own: p = 0 (how many coordinates differ), 1, 2, infinity (the largest
// difference), and all others.
enum class DistanceNorm : uint8_t { kZero, kOne, kTwo, kMax, kOther };
LINESHAFT_EXPORT DistanceNorm distance_norm(double p);

// What one coordinate adds to a distance. Inputs: x, y of `type`. Argument: p, of its compute type. Output: of that
// type, to be summed over the coordinates: |x - y|^p. For kMax |x - y|, of which the largest counts.
LINESHAFT_EXPORT ProgramRef distance_term_program(DistanceNorm norm, DType type);
// The distance from what the reduction gives. Input: that, of the compute type of `type`. Argument: p. Output: of
// `type`.
LINESHAFT_EXPORT ProgramRef distance_root_program(DistanceNorm norm, DType type);

// Two answers to what the slopes by kZero, kOne and kMax are where the difference of the coordinates is NaN (infinities
// of one sign cancel), and where the distance is 0.
enum class DistanceSlope : uint8_t {
  kNumbers,  // 0 for such a difference; a distance of 0 is no special case
  kNans,     // NaN for such a difference; 0 where the distance is 0, also where its gradient is NaN
};
// The gradient of one distance by one coordinate of its first vector, to be summed over the second vectors. Inputs: the
// distance's gradient, the distance, and the coordinates x and y, all of `type`. Argument: p, of its compute type.
// Output: of that type. By kTwo and kOther the slope is 0 where the distance is 0.
LINESHAFT_EXPORT ProgramRef distance_grad_program(DistanceNorm norm, DType type, DistanceSlope slope);

}  // namespace lineshaft::frontend::formulas
