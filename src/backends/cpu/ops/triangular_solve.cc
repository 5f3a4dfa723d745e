#include "lineshaft/ops/triangular_solve.h"

#include "backends/cpu/dense_matrices.h"

namespace lineshaft::cpu {

void run(Context& context, const TriangularSolve& op) {
  if (op.output.numel() == 0) return;
  DenseLayout a_layout = layout_of(op.a), b_layout = layout_of(op.b);
  const LinearKernels& kernels = linear_kernels(op.a.dtype);
  int64_t work = a_layout.rows * a_layout.rows * b_layout.columns / 2;
  for_each_matrix(context, op.b.sizes[0], a_layout.bytes() + b_layout.bytes(), work,
                  [&](int64_t i, std::byte* scratch) {
                    Dense a = a_layout.at(scratch), b = b_layout.at(scratch + a_layout.bytes());
                    load_matrix(context, op.a, i, a);
                    load_matrix(context, op.b, i, b);
                    kernels.solve_triangular(a, op.upper, op.unit, b);
                    store_matrix(context, b, op.output, i);
                  });
}

}  // namespace lineshaft::cpu
