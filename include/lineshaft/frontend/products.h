// Products of matrices, with a scaled addend (torch.addmm).
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/ops/matmul.h"
#include "lineshaft/stream/stream.h"

namespace lineshaft::frontend {

// The terms around a product.
struct ProductTerms {
  const TensorView* addend = nullptr;  // of the output's sizes and dtype; shares no memory with the output
  bool scaled = false;                 // whether alpha and beta are used
  Scalar alpha, beta;                  // of the compute type of the output's dtype
};

// Records output = a b + addend or, if scaled, alpha a b + beta addend. a, b and the output have one dtype and the
// shapes that the operation `matmul` takes; the output has at least one element.
LINESHAFT_EXPORT void record_product(Stream& stream, const TensorView& a, const TensorView& b, const TensorView& output,
                                     const ProductTerms& terms);

}  // namespace lineshaft::frontend
