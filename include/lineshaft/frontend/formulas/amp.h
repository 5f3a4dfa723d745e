// Gradient scaling for mixed precision training (torch.amp.GradScaler): programs that find gradients which are not
// finite, and a program that adapts the scale. All of it runs on the device, so nothing waits.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/program/expression.h"

namespace lineshaft::frontend::formulas {

// Whether x, a float, is neither NaN nor infinite; bool.
LINESHAFT_EXPORT Expr is_finite(Expr x);

// 1 for an element that is not finite, else 0. Its maximum over a gradient says whether there is such an element.
// Input: the gradient, of the floating dtype `type`. Output: f32.
LINESHAFT_EXPORT ProgramRef non_finite_program(DType type);

// A gradient times a factor, which is 1 / scale. Inputs: the gradient, of the floating dtype `type`; the factor, f32.
// Output: `type`.
LINESHAFT_EXPORT ProgramRef unscale_program(DType type);

// The scale after a step: smaller where a gradient was not finite; larger after `interval` steps in a row with finite
// gradients, if it stays finite. `count` is the number of such steps so far. Inputs: scale, f32; count, i32; found,
// f32, above 0 where a gradient was not finite. Arguments: the growth factor and the backoff factor, f32; interval,
// i32. Outputs: scale, f32; count, i32.
LINESHAFT_EXPORT ProgramRef update_scale_program();

}  // namespace lineshaft::frontend::formulas
