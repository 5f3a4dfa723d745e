// The rules that the operations of linear algebra share: batches of matrices, [B, M, N], in f32 or f64.
#pragma once

#include "ops/operands.h"

namespace lineshaft {

struct MatrixSizes {
  int64_t batch = 0, rows = 0, columns = 0;
};

// Throws unless `view` has rank 3 and is f32 or f64, or the dtype that is given.
MatrixSizes require_matrices(const char* what, const TensorView& view);
MatrixSizes require_matrices(const char* what, const TensorView& view, DType dtype);
// The same, and square.
MatrixSizes require_square(const char* what, const TensorView& view);
// Throws unless `view` has these sizes and this dtype.
void require_matrices(const char* what, const TensorView& view, const MatrixSizes& sizes, DType dtype);
// Of what comes with the matrices: pivots, scale factors and such.
void require_sizes(const char* what, const TensorView& view, DType dtype, std::initializer_list<int64_t> sizes);

}  // namespace lineshaft
