#include "lineshaft/ops/unpack_pivots.h"

#include "backends/vulkan/device/context.h"
#include "backends/vulkan/planning/index_space.h"
#include "lineshaft/program/expression.h"

namespace lineshaft::vulkan {
namespace {

ProgramRef row_numbers() {
  static const ProgramRef program = [] {
    ProgramBuilder p;
    p.output(cast(p.index(1), DType::kI32), DType::kI32);
    return p.finish();
  }();
  return program;
}

}  // namespace

void run(Context& context, const UnpackPivots& op) {
  if (op.rows.numel() == 0) return;
  constexpr int64_t kTurns = 32768;  // of an invocation: some drivers end longer loops
  int64_t batch = op.rows.sizes[0], size = op.rows.sizes[1], count = op.pivots.sizes[1];
  element_count(op.rows.numel());
  TensorView rows = context.scratch(DType::kI32, {batch, size});
  context.map(row_numbers(), {}, List<TensorView>(&rows, 1));
  if (count > 0) {
    TensorView pivots = context.dense(op.pivots, DType::kI32);
    for (int64_t begin = 0; begin < count; begin += kTurns) {
      struct {
        uint32_t batches, pivot_count, size, begin, end, command;
      } push{u32(batch), u32(count), u32(size), u32(begin), u32(std::min(begin + kTurns, count)), context.command()};
      context.run_kernel({.kernel = "unpack_pivots",
                          .turns = loop(push.end - push.begin),
                          .operands = {in(pivots), out(rows)},
                          .groups = context.groups_for(batch, 64),
                          .index_errors = true},
                         push);
    }
  }
  context.copy(rows, op.rows);
}

}  // namespace lineshaft::vulkan
