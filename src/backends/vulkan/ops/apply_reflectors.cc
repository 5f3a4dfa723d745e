#include "lineshaft/ops/apply_reflectors.h"

#include "backends/vulkan/ops/linear.h"
#include "base/divide.h"

namespace lineshaft::vulkan {
namespace {

// `tau` is [B, K, 1], `b` dense.
void apply(Context& context, const TensorView& reflectors, const TensorView& tau, bool transpose, const TensorView& b) {
  int64_t m = b.sizes[1], n = b.sizes[2], count = tau.sizes[1], panels = divide_up(count, kPanel);
  for (int64_t i = 0; i < panels; ++i) {
    ScratchTurns turns(context);
    int64_t first = kPanel * (transpose ? i : panels - 1 - i), size = std::min(kPanel, count - first);
    apply_panel(context, block_of(reflectors, first, first, m - first, size), block_of(tau, first, 0, size, 1),
                transpose, b, block_of(b, first, 0, m - first, n));
  }
}

}  // namespace

void run(Context& context, const ApplyReflectors& op) {
  if (op.output.numel() == 0) return;
  DType type = op.input.dtype;
  if (type == DType::kF64) context.require_f64("apply_reflectors");
  int64_t batch = op.input.sizes[0], m = op.input.sizes[1];
  int64_t at_once = matrices_at_once(context, type, m * std::max(op.input.sizes[2], kPanel));
  TensorView tau = op.tau;  // as columns
  tau.rank = 3;
  tau.sizes[2] = tau.strides[2] = 1;
  for (int64_t first = 0; first < batch; first += at_once) {
    ScratchTurns turns(context);
    int64_t count = std::min(at_once, batch - first);
    TensorView b = working_copy(context, narrowed(op.input, 0, first, count));
    apply(context, narrowed(op.reflectors, 0, first, count), narrowed(tau, 0, first, count), op.transposed, b);
    context.copy(b, narrowed(op.output, 0, first, count));
  }
}

}  // namespace lineshaft::vulkan
