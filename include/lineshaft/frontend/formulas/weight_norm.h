// Weights scaled by a norm: weight normalization, w = v g / |v| (Salimans and Kingma, 2016), and renorm.
//
// The norm of a slice of v is the root of a sum of products (dot_program in products.h), kept as `norm_type`, f32 or
// f64. Weights are floats of `type`.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/program/expression.h"
#include "lineshaft/program/program_cache.h"

namespace lineshaft::frontend::formulas {

// The epilogue of the sum. Input: the sum, of `sum_type`. Output: the sum, or its root if `root`, computed in
// `norm_type`.
LINESHAFT_EXPORT ProgramRef weight_norm_sum_program(DType sum_type, DType norm_type, bool root);

// w. Inputs: v, g of `type`, |v| of `norm_type`. Output: of `type`.
LINESHAFT_EXPORT ProgramRef weight_norm_program(DType type, DType norm_type);
// The gradient by v: g / |v| (grad - v sum / |v|^2), where `sum` is that of grad v over the slice. Inputs: grad, v, g
// of `type`, |v|, sum of `norm_type`. Output: of `type`.
LINESHAFT_EXPORT ProgramRef weight_norm_grad_program(DType type, DType norm_type);
// The gradient by g: sum / |v|. Inputs: sum, |v| of `norm_type`. Output: of `type`.
LINESHAFT_EXPORT ProgramRef weight_norm_scale_grad_program(DType type, DType norm_type);

// x, of a slice of the norm `norm`, scaled so that the norm is at most `most`: a slice with less stays as it is. The
// 1e-7 in it is PyTorch's.
LINESHAFT_EXPORT Expr renorm(Expr x, Expr norm, Expr most);

}  // namespace lineshaft::frontend::formulas
