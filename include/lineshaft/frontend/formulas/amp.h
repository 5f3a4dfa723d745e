// Gradient scaling of mixed precision training: what looks for gradients that are not finite, and what adapts the scale
// to what was found. Nothing of it waits for the device.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/program/expression.h"

namespace lineshaft::frontend::formulas {

// Whether x, a float, is neither NaN nor infinite; bool.
LINESHAFT_EXPORT Expr is_finite(Expr x);

// 1 for an element that is not finite, else 0: the largest over a gradient says whether there is one. Input: the
// gradient, of the floating dtype `type`. Output: f32.
LINESHAFT_EXPORT ProgramRef non_finite_program(DType type);

// A gradient times a factor, which is one over the scale. Inputs: the gradient, of the floating dtype `type`; the
// factor, f32. Output: `type`.
LINESHAFT_EXPORT ProgramRef unscale_program(DType type);

// The scale after a step: less where something was found that is not finite, more after `interval` steps without that,
// as long as it stays finite; and the count of such steps. Inputs: scale, f32; count, i32; what was found, f32, above 0
// where something was. Arguments: the factors of growth and of backoff, f32; interval, i32. Outputs: scale, f32;
// count, i32.
LINESHAFT_EXPORT ProgramRef update_scale_program();

}  // namespace lineshaft::frontend::formulas
