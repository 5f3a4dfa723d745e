// Building blocks of linear algebra over batches of matrices, [B, M, N] in f32 or f64: panels by kernels of their own,
// a workgroup a matrix, and all else by products.
#pragma once

#include "backends/vulkan/ops/slices.h"

namespace lineshaft::vulkan {

inline constexpr int64_t kPanel = 32;  // rows and columns of the blocks that one workgroup factors

// `rows` by `columns` of each matrix, from (i, j) on.
TensorView block_of(const TensorView& matrices, int64_t i, int64_t j, int64_t rows, int64_t columns);
inline TensorView transposed(TensorView matrices) {
  std::swap(matrices.sizes[1], matrices.sizes[2]);
  std::swap(matrices.strides[1], matrices.strides[2]);
  return matrices;
}

// How a kernel finds element (b, i, j) of an operand: at base + b * batch + i * row + j * column.
struct MatrixPush {
  uint32_t base;
  int32_t batch, row, column;
};
MatrixPush push_of(const Context& context, const TensorView& matrices);

// How many matrices of so many elements an operation takes at once.
int64_t matrices_at_once(const Context& context, DType type, int64_t elements);

// The columns that one kernel takes, kPanel or fewer, so that the turns of its loops, turns_of(columns), fit the
// device. Throws where one column of so many rows is too long for it.
template <class F>
int64_t panel_that_fits(const Context& context, int64_t rows, F&& turns_of) {
  int64_t panel = kPanel;
  while (panel > 1 && !(turns_of(panel) <= context.turns())) panel /= 2;
  if (!(turns_of(panel) <= context.turns()))
    fail(ErrorCode::kUnsupported, "a matrix of ", rows,
         " rows passes what the loops of this device go through; use the cpu device");
  return panel;
}

// A copy in scratch.
TensorView working_copy(Context& context, const TensorView& matrices);
// a b, in scratch.
TensorView product_of(Context& context, const TensorView& a, const TensorView& b);
// c -= a b, for a part of `whole`, which is dense.
void subtract_product(Context& context, const TensorView& whole, const TensorView& c, const TensorView& a,
                      const TensorView& b);
// b becomes the x of a x = b (ops/triangular_solve.h): for at most kPanel rows; and for any number, where b is dense.
void solve_panel(Context& context, const TensorView& a, bool upper, bool unit, const TensorView& b);
void solve_triangular(Context& context, const TensorView& a, bool upper, bool unit, const TensorView& b);
// `part`, of `whole`, becomes its product with the reflections of one panel, H_0 H_1 ... or transposed. `vectors` are
// the panel's columns, from the diagonal of its first one down, `tau` its factors, [B, K, 1].
void apply_panel(Context& context, const TensorView& vectors, const TensorView& tau, bool transposed,
                 const TensorView& whole, const TensorView& part);

}  // namespace lineshaft::vulkan
