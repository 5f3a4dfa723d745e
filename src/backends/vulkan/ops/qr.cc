#include "lineshaft/ops/qr.h"

#include "backends/vulkan/ops/linear.h"
#include "base/divide.h"

namespace lineshaft::vulkan {
namespace {

// For panels of `panel` columns, of which `columns` are there.
Turns turns_of(int64_t rows, int64_t panel, int64_t columns) {
  int64_t lanes = 256 / panel, own = divide_up(rows, 256), shared = divide_up(rows, lanes);
  Turns reflector = loop(own) + loop(8) + loop(own) + loop(8) + loop(own);
  return loop(columns, reflector + loop(shared) + loop(lanes) + loop(shared));
}

void reflect_panel(Context& context, const TensorView& a, const TensorView& tau, int64_t first, int64_t size,
                   int64_t panel) {
  struct {
    MatrixPush target;
    uint32_t rows, first, size, tau_count, batches;
  } push{push_of(context, a), u32(a.sizes[1]), u32(first), u32(size), u32(tau.sizes[1]), u32(a.sizes[0])};
  context.run_kernel({.kernel = variant("qr_panel", a.dtype),
                      .turns = turns_of(a.sizes[1], panel, size),
                      .operands = {out(a), out(tau)},
                      .constants = {u32(panel)},
                      .groups = context.groups_for(a.sizes[0], 1)},
                     push);
}

// `a` and `tau`, [B, K, 1], are dense.
void factor_qr(Context& context, const TensorView& a, const TensorView& tau) {
  int64_t m = a.sizes[1], n = a.sizes[2], count = tau.sizes[1],
          panel = panel_that_fits(context, m, [&](int64_t columns) { return turns_of(m, columns, columns); });
  for (int64_t first = 0; first < count; first += panel) {
    ScratchTurns turns(context);
    int64_t last = std::min(first + panel, count), size = last - first;
    reflect_panel(context, a, tau, first, size, panel);
    if (last < n)
      apply_panel(context, block_of(a, first, first, m - first, size), block_of(tau, first, 0, size, 1), true, a,
                  block_of(a, first, last, m - first, n - last));
  }
}

}  // namespace

void run(Context& context, const Qr& op) {
  if (op.output.numel() == 0) return;
  DType type = op.input.dtype;
  if (type == DType::kF64) context.require_f64("qr");
  int64_t batch = op.input.sizes[0], m = op.input.sizes[1], n = op.input.sizes[2];
  int64_t at_once = matrices_at_once(context, type, m * n);
  for (int64_t first = 0; first < batch; first += at_once) {
    ScratchTurns turns(context);
    int64_t count = std::min(at_once, batch - first);
    TensorView a = working_copy(context, narrowed(op.input, 0, first, count)),
               tau = context.scratch(type, {count, op.tau.sizes[1], 1}), plain = tau;
    factor_qr(context, a, tau);
    plain.rank = 2;
    context.copy(a, narrowed(op.output, 0, first, count));
    context.copy(plain, narrowed(op.tau, 0, first, count));
  }
}

}  // namespace lineshaft::vulkan
