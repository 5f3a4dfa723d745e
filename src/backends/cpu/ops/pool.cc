#include "lineshaft/ops/pool.h"

#include <algorithm>

#include "backends/cpu/context.h"
#include "backends/cpu/dnn/loops.h"
#include "backends/cpu/dnn/pool_plan.h"
#include "backends/cpu/parallel.h"

namespace lineshaft::cpu {

void run(Context& context, const Pool& op) {
  if (op.output.numel() == 0) return;
  PoolPlan plan(op.input, op.output, op.geometry);
  LS_REQUIRE(plan.volume() <= INT32_MAX, "a pool over ", plan.volume(), " positions passes the limit of ", INT32_MAX);
  const std::byte* in = context.data(op.input);
  std::byte* out = context.data(op.output);
  int64_t* indices = op.indices ? context.data<int64_t>(op.indices) : nullptr;
  auto loop = plan.is_max() ? loops().pool_max : loops().pool_average;
  int64_t size = size_of(op.input.dtype), rows = plan.rows();
  int64_t taps = std::max<int64_t>(1, op.input.numel() / std::max<int64_t>(op.output.numel(), 1));
  parallel_for(plan.groups() * rows, std::max<int64_t>(1, 32768 / (plan.lanes() * taps)),
               [&](int64_t begin, int64_t end) {
                 for (int64_t i = begin; i < end; ++i) {
                   int64_t group = i / rows, number = i % rows;
                   PoolRow row = plan.row(op.input, number);
                   row.in = in + plan.group_offset(op.input, group) * size;
                   row.out = out + (plan.group_offset(op.output, group) + plan.row_offset(op.output, number)) * size;
                   row.out_lane = plan.lane_stride(op.output);
                   if (indices) {
                     row.indices = indices + plan.group_offset(op.indices, group) + plan.row_offset(op.indices, number);
                     row.indices_lane = plan.lane_stride(op.indices);
                   }
                   loop(row);
                 }
               });
}

}  // namespace lineshaft::cpu
