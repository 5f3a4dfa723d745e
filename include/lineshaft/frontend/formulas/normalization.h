// Running statistics for batch normalization, which training updates and evaluation uses; the operation `normalize`
// does the rest. They are a mean and a variance for each channel, each of any float dtype.
#pragma once

#include <array>

#include "lineshaft/base/export.h"
#include "lineshaft/program/program.h"

namespace lineshaft::frontend::formulas {

// running = rest running + momentum batch, for the mean and for the variance. The batch's variance is max(1 / rstd^2 -
// eps, 0) unbias. Inputs: the running mean (of `mean`), the running variance (of `variance`), the batch's mean and rstd
// = 1 / sqrt(variance + eps) (of `batch`, f32 or f64). Arguments (of `batch`): momentum, rest = 1 - momentum, eps,
// unbias = n / (n - 1) for n elements of a channel. Outputs: the new running mean (of `mean`) and running variance (of
// `variance`).
LINESHAFT_EXPORT ProgramRef running_statistics_update_program(DType mean, DType variance, DType batch);
// Its arguments, for `count` elements a channel. Of one element, unbias is infinite.
LINESHAFT_EXPORT std::array<Scalar, 4> running_statistics_update_arguments(double momentum, double eps, int64_t count);

// The running statistics as `normalize` takes them. Inputs: the running mean and variance. Argument (of `result`): eps.
// Outputs, of `result`, f32 or f64: the mean, and rstd = 1 / sqrt(variance + eps).
LINESHAFT_EXPORT ProgramRef running_statistics_program(DType mean, DType variance, DType result);

}  // namespace lineshaft::frontend::formulas
