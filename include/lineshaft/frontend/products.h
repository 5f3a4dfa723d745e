// Products of matrices, with what is added to them.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/ops/matmul.h"
#include "lineshaft/stream/stream.h"

namespace lineshaft::frontend {

// What a product is stored with.
struct ProductTerms {
  const TensorView* addend = nullptr;  // of the output's sizes and dtype; it shares no memory with the output
  bool scaled = false;                 // alpha and beta count
  Scalar alpha, beta;                  // of the compute type of the output's dtype
};

// Records output = a b + addend or, if scaled, alpha a b + beta addend. a, b and the output, which is not empty, are as
// the operation `matmul` takes them, and of one dtype.
LINESHAFT_EXPORT void record_product(Stream& stream, const TensorView& a, const TensorView& b, const TensorView& output,
                                     const ProductTerms& terms);

}  // namespace lineshaft::frontend
