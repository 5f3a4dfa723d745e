// Epilogues for products of matrices and convolutions, and the prologue for dot products.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/program/program.h"

namespace lineshaft::frontend::formulas {

// The epilogue of a product whose result is of `dtype`: alpha product, or beta addend + alpha product; or the same
// without the factors. Inputs: the product, of the compute type; if `addend`, the addend, of `dtype`. Arguments, if
// `scaled` (of the compute type): alpha; if `addend`, beta. Output: of `dtype`. A caller whose beta is 0 leaves the
// addend out, so that NaNs in it do not matter.
LINESHAFT_EXPORT ProgramRef product_epilogue_program(DType dtype, bool addend, bool scaled);

// The epilogue of a product or convolution with a bias. Inputs: the sum, of the compute type of `result`; the bias, of
// `bias`. Output: sum + bias, of `result`.
LINESHAFT_EXPORT ProgramRef bias_program(DType result, DType bias);

// The prologue of a sum that computes a dot product. Inputs: an element of each vector, of `dtype`. Output: their
// product, of accumulate_type(dtype).
LINESHAFT_EXPORT ProgramRef dot_program(DType dtype);

}  // namespace lineshaft::frontend::formulas
