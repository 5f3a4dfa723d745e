#include "lineshaft/ops/lu.h"

#include "backends/vulkan/ops/linear.h"
#include "backends/vulkan/planning/index_space.h"
#include "base/divide.h"

namespace lineshaft::vulkan {
namespace {

Turns turns_of(int64_t rows, int64_t columns) {
  int64_t own = divide_up(rows, 256);  // of an invocation
  return loop(columns, loop(own) + loop(8) + loop(own, loop(columns)));
}

struct Factors {
  TensorView matrices, pivots, info;  // dense
};

void factor_panel(Context& context, const Factors& f, bool pivot, int64_t first, int64_t size) {
  const TensorView& a = f.matrices;
  struct {
    MatrixPush target;
    uint32_t rows, first, size, pivot_count, pivot, batches;
  } push{push_of(context, a), u32(a.sizes[1]), u32(first), u32(size), u32(f.pivots.sizes[1]), pivot, u32(a.sizes[0])};
  context.run_kernel({.kernel = variant("lu_panel", a.dtype),
                      .turns = turns_of(a.sizes[1], size),
                      .operands = {out(a), out(f.pivots), out(f.info)},
                      .groups = context.groups_for(a.sizes[0], 1)},
                     push);
}

void swap_rows(Context& context, const Factors& f, int64_t first, int64_t size) {
  const TensorView& a = f.matrices;
  int64_t count = a.sizes[0] * (a.sizes[2] - size);
  if (count == 0) return;
  struct {
    MatrixPush target;
    uint32_t columns, first, size, pivot_count, count;
  } push{push_of(context, a), u32(a.sizes[2]), u32(first), u32(size), u32(f.pivots.sizes[1]), element_count(count)};
  context.run_kernel({.kernel = size_of(a.dtype) == 8 ? "swap_rows_b8" : "swap_rows_b4",
                      .turns = loop(size),
                      .operands = {out(a), in(f.pivots)},
                      .groups = context.groups_for(count, 64)},
                     push);
}

void factor_lu(Context& context, const Factors& f, bool pivot) {
  const TensorView& a = f.matrices;
  int64_t m = a.sizes[1], n = a.sizes[2], count = f.pivots.sizes[1],
          panel = panel_that_fits(context, m, [&](int64_t columns) { return turns_of(m, columns); });
  for (int64_t first = 0; first < count; first += panel) {
    ScratchTurns turns(context);
    int64_t last = std::min(first + panel, count), size = last - first;
    factor_panel(context, f, pivot, first, size);
    if (pivot) swap_rows(context, f, first, size);
    TensorView right = block_of(a, first, last, size, n - last);
    solve_panel(context, block_of(a, first, first, size, size), false, true, right);
    subtract_product(context, a, block_of(a, last, last, m - last, n - last), block_of(a, last, first, m - last, size),
                     right);
  }
}

}  // namespace

void run(Context& context, const Lu& op) {
  if (op.info.numel() == 0) return;
  if (op.input.numel() == 0) return context.fill(op.info, 0);
  DType type = op.input.dtype;
  if (type == DType::kF64) context.require_f64("lu");
  int64_t batch = op.input.sizes[0], m = op.input.sizes[1], n = op.input.sizes[2];
  int64_t at_once = matrices_at_once(context, type, m * n);
  for (int64_t first = 0; first < batch; first += at_once) {
    ScratchTurns turns(context);
    int64_t count = std::min(at_once, batch - first);
    Factors f{working_copy(context, narrowed(op.input, 0, first, count)),
              context.scratch(DType::kI32, {count, op.pivots.sizes[1]}), context.scratch(DType::kI32, {count})};
    context.fill(f.info, 0);
    factor_lu(context, f, op.pivot);
    context.copy(f.matrices, narrowed(op.output, 0, first, count));
    context.copy(f.pivots, narrowed(op.pivots, 0, first, count));
    context.copy(f.info, narrowed(op.info, 0, first, count));
  }
}

}  // namespace lineshaft::vulkan
