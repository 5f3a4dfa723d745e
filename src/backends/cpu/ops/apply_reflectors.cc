#include "lineshaft/ops/apply_reflectors.h"

#include "backends/cpu/dense_matrices.h"

namespace lineshaft::cpu {

void run(Context& context, const ApplyReflectors& op) {
  if (op.output.numel() == 0) return;
  DenseLayout vectors = layout_of(op.reflectors), factors{op.tau.dtype, op.tau.sizes[1], 1},
              matrix = layout_of(op.input);
  const LinearKernels& kernels = linear_kernels(op.input.dtype);
  bool none = factors.rows == 0;
  for_each_matrix(context, op.input.sizes[0], vectors.bytes() + factors.bytes() + matrix.bytes(),
                  2 * matrix.rows * matrix.columns * factors.rows, [&](int64_t i, std::byte* scratch) {
                    Dense b = matrix.at(scratch), v = vectors.at(scratch + matrix.bytes()),
                          tau = factors.at(scratch + matrix.bytes() + vectors.bytes());
                    load_matrix(context, op.input, i, b);
                    if (!none) {
                      load_matrix(context, op.reflectors, i, v);
                      load_matrix(context, op.tau, i, tau);
                      kernels.apply_reflectors(v, tau.data, op.transposed, b);
                    }
                    store_matrix(context, b, op.output, i);
                  });
}

}  // namespace lineshaft::cpu
