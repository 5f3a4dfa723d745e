#include "lineshaft/ops/check.h"

#include "backends/cpu/context.h"
#include "backends/cpu/nest.h"
#include "backends/cpu/storage.h"

namespace lineshaft::cpu {

void run(Context& context, const Check& op) {
  if (op.condition.numel() == 0) return;
  Nest nest = make_nest({op.condition});
  const Bool* condition = context.data<Bool>(op.condition);
  int64_t step = nest.rank ? nest.strides[0][nest.rank - 1] : 0;
  bool holds = true;
  walk(nest, nest.rank, 0, nest.numel(), INT64_MAX, [&](const int64_t* at, int64_t count) {
    for (int64_t i = 0; i < count; ++i) holds &= condition[at[0] + i * step].bits != 0;
  });
  if (!holds) context.report_requirement(op.requirement);
}

}  // namespace lineshaft::cpu
