#include "lineshaft/ops/qr.h"

#include "backends/cpu/dense_matrices.h"

namespace lineshaft::cpu {

void run(Context& context, const Qr& op) {
  if (op.output.numel() == 0) return;
  DenseLayout layout = layout_of(op.input), factors{op.tau.dtype, op.tau.sizes[1], 1};
  const LinearKernels& kernels = linear_kernels(op.input.dtype);
  int64_t work = layout.rows * layout.columns * factors.rows;
  for_each_matrix(context, op.input.sizes[0], layout.bytes() + factors.bytes(), work,
                  [&](int64_t i, std::byte* scratch) {
                    Dense a = layout.at(scratch), tau = factors.at(scratch + layout.bytes());
                    load_matrix(context, op.input, i, a);
                    kernels.qr(a, tau.data);
                    store_matrix(context, a, op.output, i);
                    store_matrix(context, tau, op.tau, i);
                  });
}

}  // namespace lineshaft::cpu
