#include "lineshaft/ops/triangular_solve.h"

#include "backends/vulkan/ops/linear.h"

namespace lineshaft::vulkan {

void run(Context& context, const TriangularSolve& op) {
  if (op.output.numel() == 0) return;
  DType type = op.a.dtype;
  if (type == DType::kF64) context.require_f64("triangular_solve");
  int64_t batch = op.b.sizes[0], n = op.a.sizes[1];
  int64_t at_once = matrices_at_once(context, type, n * std::max(n, op.b.sizes[2]));
  for (int64_t first = 0; first < batch; first += at_once) {
    ScratchTurns turns(context);
    int64_t count = std::min(at_once, batch - first);
    TensorView x = working_copy(context, narrowed(op.b, 0, first, count));
    solve_triangular(context, narrowed(op.a, 0, first, count), op.upper, op.unit, x);
    context.copy(x, narrowed(op.output, 0, first, count));
  }
}

}  // namespace lineshaft::vulkan
