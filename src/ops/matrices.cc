#include "ops/matrices.h"

namespace lineshaft {

MatrixSizes require_matrices(const char* what, const TensorView& view) {
  require_rank(what, view, 3);
  LS_REQUIRE(view.dtype == DType::kF32 || view.dtype == DType::kF64, what, " is ", name_of(view.dtype),
             "; it takes f32 or f64");
  return {view.sizes[0], view.sizes[1], view.sizes[2]};
}

MatrixSizes require_matrices(const char* what, const TensorView& view, DType dtype) {
  require_rank(what, view, 3);
  require_dtype(what, view, dtype);
  return {view.sizes[0], view.sizes[1], view.sizes[2]};
}

MatrixSizes require_square(const char* what, const TensorView& view) {
  MatrixSizes sizes = require_matrices(what, view);
  LS_REQUIRE(sizes.rows == sizes.columns, what, " has ", sizes.rows, " rows and ", sizes.columns,
             " columns; it takes square matrices");
  return sizes;
}

void require_matrices(const char* what, const TensorView& view, const MatrixSizes& sizes, DType dtype) {
  require_sizes(what, view, dtype, {sizes.batch, sizes.rows, sizes.columns});
}

void require_sizes(const char* what, const TensorView& view, DType dtype, std::initializer_list<int64_t> sizes) {
  require_shape(what, view, std::span<const int64_t>(sizes.begin(), sizes.size()));
  require_dtype(what, view, dtype);
}

}  // namespace lineshaft
