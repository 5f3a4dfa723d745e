#include "lineshaft/ops/lu.h"

#include "backends/cpu/dense_matrices.h"
#include "base/divide.h"

namespace lineshaft::cpu {

void run(Context& context, const Lu& op) {
  if (op.info.numel() == 0) return;
  DenseLayout layout = layout_of(op.input);
  int64_t pivots = op.pivots.sizes[1], pivot_bytes = round_up(pivots * 4, 64);
  auto *info = context.data<int32_t>(op.info), *stored = pivots ? context.data<int32_t>(op.pivots) : nullptr;
  const LinearKernels& kernels = linear_kernels(op.input.dtype);
  int64_t work = layout.rows * layout.columns * pivots / 2;
  for_each_matrix(context, op.input.sizes[0], layout.bytes() + pivot_bytes, work, [&](int64_t i, std::byte* scratch) {
    Dense a = layout.at(scratch);
    auto* rows = reinterpret_cast<int32_t*>(scratch + layout.bytes());
    load_matrix(context, op.input, i, a);
    info[i * op.info.strides[0]] = static_cast<int32_t>(kernels.lu(a, op.pivot, rows));
    store_matrix(context, a, op.output, i);
    for (int64_t k = 0; k < pivots; ++k) stored[i * op.pivots.strides[0] + k * op.pivots.strides[1]] = rows[k];
  });
}

}  // namespace lineshaft::cpu
