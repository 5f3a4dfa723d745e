#include "lineshaft/ops/cholesky.h"

#include "backends/cpu/dense_matrices.h"

namespace lineshaft::cpu {

void run(Context& context, const Cholesky& op) {
  if (op.info.numel() == 0) return;
  DenseLayout layout = layout_of(op.input);
  auto* info = context.data<int32_t>(op.info);
  const LinearKernels& kernels = linear_kernels(op.input.dtype);
  int64_t n = layout.rows;
  for_each_matrix(context, op.input.sizes[0], layout.bytes(), n * n * n / 6, [&](int64_t i, std::byte* scratch) {
    Dense a = layout.at(scratch);
    load_matrix(context, op.input, i, a);
    info[i * op.info.strides[0]] = static_cast<int32_t>(kernels.cholesky(a));
    store_lower(context, a, op.output, i);
  });
}

}  // namespace lineshaft::cpu
