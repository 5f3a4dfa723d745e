// Weights that are scaled by a norm: weight normalization, w = v g / |v| (Salimans and Kingma, 2016), and torch.renorm.
//
// The norm of a slice of v is the square root of a sum of products (dot_program in products.h), stored as `norm_type`,
// f32 or f64. Weights are floats of `type`.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/program/expression.h"
#include "lineshaft/program/program_cache.h"

namespace lineshaft::frontend::formulas {

// The epilogue of that sum. Input: the sum, of `sum_type`. Output: the sum or, if `root`, its square root, of
// `norm_type`.
LINESHAFT_EXPORT ProgramRef weight_norm_sum_program(DType sum_type, DType norm_type, bool root);

// The weight w. Inputs: v, g of `type`, |v| of `norm_type`. Output: of `type`.
LINESHAFT_EXPORT ProgramRef weight_norm_program(DType type, DType norm_type);
// The gradient by v: g / |v| (grad - v sum / |v|^2), where `sum` is the sum of grad v over the slice. Inputs: grad, v,
// g of `type`, |v|, sum of `norm_type`. Output: of `type`.
LINESHAFT_EXPORT ProgramRef weight_norm_grad_program(DType type, DType norm_type);
// The gradient by g: sum / |v|. Inputs: sum, |v| of `norm_type`. Output: of `type`.
LINESHAFT_EXPORT ProgramRef weight_norm_scale_grad_program(DType type, DType norm_type);

// x, an element of a slice with the norm `norm`, scaled so that the norm of the slice becomes at most `most`; a slice
// with a smaller norm is not changed. The scale is most / (norm + 1e-7), as in PyTorch.
LINESHAFT_EXPORT Expr renorm(Expr x, Expr norm, Expr most);

}  // namespace lineshaft::frontend::formulas
