// Building blocks of linear algebra over batches of matrices, [B, M, N] of f32 or f64. Panels are computed by special
// kernels with one workgroup for each matrix; everything else is computed by matrix products.
#pragma once

#include "backends/vulkan/ops/slices.h"

namespace lineshaft::vulkan {

inline constexpr int64_t kPanel = 32;  // the size of the blocks that one workgroup factors

// The block of `rows` x `columns` elements of each matrix that begins at (i, j).
TensorView block_of(const TensorView& matrices, int64_t i, int64_t j, int64_t rows, int64_t columns);
inline TensorView transposed(TensorView matrices) {
  std::swap(matrices.sizes[1], matrices.sizes[2]);
  std::swap(matrices.strides[1], matrices.strides[2]);
  return matrices;
}

// Tells a kernel the position of element (b, i, j) of an operand: base + b * batch + i * row + j * column.
struct MatrixPush {
  uint32_t base;
  int32_t batch, row, column;
};
MatrixPush push_of(const Context& context, const TensorView& matrices);

// How many matrices of `elements` elements an operation processes at once.
int64_t matrices_at_once(const Context& context, DType type, int64_t elements);

// The number of columns, at most kPanel, that one kernel processes, such that the iterations of its loops,
// turns_of(columns), do not exceed the device's limit. Throws Error(kUnsupported) where even one column with so many
// rows exceeds it.
template <class F>
int64_t panel_that_fits(const Context& context, int64_t rows, F&& turns_of) {
  int64_t panel = kPanel;
  while (panel > 1 && !(turns_of(panel) <= context.turns())) panel /= 2;
  if (!(turns_of(panel) <= context.turns()))
    fail(ErrorCode::kUnsupported, "a matrix of ", rows,
         " rows passes what the loops of this device go through; use the cpu device");
  return panel;
}

// A dense copy in scratch.
TensorView working_copy(Context& context, const TensorView& matrices);
// The product a b, in scratch.
TensorView product_of(Context& context, const TensorView& a, const TensorView& b);
// c -= a b, where c is a part of `whole`, which is dense.
void subtract_product(Context& context, const TensorView& whole, const TensorView& c, const TensorView& a,
                      const TensorView& b);
// Replace b by the solution x of a x = b (ops/triangular_solve.h). solve_panel takes at most kPanel rows;
// solve_triangular any number of rows, and b must be dense.
void solve_panel(Context& context, const TensorView& a, bool upper, bool unit, const TensorView& b);
void solve_triangular(Context& context, const TensorView& a, bool upper, bool unit, const TensorView& b);
// Multiplies `part`, a part of `whole`, from the left by the reflections of one panel, H_0 H_1 ..., or by their
// transpose. `vectors` are the columns of the panel from its first diagonal element down; `tau` are its factors, [B, K,
// 1].
void apply_panel(Context& context, const TensorView& vectors, const TensorView& tau, bool transposed,
                 const TensorView& whole, const TensorView& part);

}  // namespace lineshaft::vulkan
