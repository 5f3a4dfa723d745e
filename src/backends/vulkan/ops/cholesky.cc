#include "lineshaft/ops/cholesky.h"

#include "backends/vulkan/ops/linear.h"
#include "lineshaft/program/program_cache.h"

namespace lineshaft::vulkan {
namespace {

ProgramRef lower_program(DType type) {
  static ProgramCache cache;
  return cache.get(key_of(type), [&](ProgramBuilder& p) {
    Expr value = p.input(type);
    p.output(select(p.index(2) <= p.index(1), value, 0.0), type);
  });
}

// Panel by panel: the diagonal block, what lies below it, and what they leave of the rest.
void factor_cholesky(Context& context, const TensorView& a, const TensorView& info) {
  int64_t n = a.sizes[1];
  for (int64_t first = 0; first < n; first += kPanel) {
    ScratchTurns turns(context);
    int64_t last = std::min(first + kPanel, n), size = last - first, rest = n - last;
    TensorView diagonal = block_of(a, first, first, size, size), below = block_of(a, last, first, rest, size);
    struct {
      MatrixPush target;
      uint32_t size, first, batches;
    } push{push_of(context, diagonal), static_cast<uint32_t>(size), static_cast<uint32_t>(first),
           static_cast<uint32_t>(a.sizes[0])};
    context.run_kernel({.kernel = variant("cholesky_panel", a.dtype),
                        .turns = loop(size) + loop(size, loop(size)) + loop(size),
                        .operands = {out(diagonal), out(info)},
                        .groups = context.groups_for(a.sizes[0], 1)},
                       push);
    solve_panel(context, diagonal, false, false, transposed(below));
    subtract_product(context, a, block_of(a, last, last, rest, rest), below, transposed(below));
  }
}

}  // namespace

void run(Context& context, const Cholesky& op) {
  if (op.info.numel() == 0) return;
  if (op.input.numel() == 0) return context.fill(op.info, 0);
  DType type = op.input.dtype;
  if (type == DType::kF64) context.require_f64("cholesky");
  int64_t batch = op.input.sizes[0], n = op.input.sizes[1], at_once = matrices_at_once(context, type, n * n);
  for (int64_t first = 0; first < batch; first += at_once) {
    ScratchTurns turns(context);
    int64_t count = std::min(at_once, batch - first);
    TensorView a = working_copy(context, narrowed(op.input, 0, first, count)),
               output = narrowed(op.output, 0, first, count), info = context.scratch(DType::kI32, {count});
    context.fill(info, 0);
    factor_cholesky(context, a, info);
    context.map(lower_program(type), List<TensorView>(&a, 1), List<TensorView>(&output, 1));
    context.copy(info, narrowed(op.info, 0, first, count));
  }
}

}  // namespace lineshaft::vulkan
