#include "ops/pool_grad.h"

#include <algorithm>

#include "backends/cpu/context.h"
#include "backends/cpu/dnn/convert.h"
#include "backends/cpu/dnn/loops.h"
#include "backends/cpu/dnn/pool_plan.h"
#include "backends/cpu/dnn/staged_result.h"
#include "backends/cpu/parallel.h"

namespace lineshaft::cpu {
namespace {

constexpr int64_t kChannels = 64;  // that one task takes where channels are lanes

// The sums: grad_input itself, or scratch where its dtype is too narrow to add in.
struct Sums {
  TensorView view;
  std::byte* data;
};

Sums sums_of(Context& context, const TensorView& output) {
  if (compute_type(output.dtype) == output.dtype) return {output, context.data(output)};
  TensorView view = output;
  view.dtype = compute_type(output.dtype);
  view.strides = dense_strides_like(output);
  return {view, static_cast<std::byte*>(context.scratch(output.numel() * size_of(view.dtype)))};
}

void clear(const Sums& sums) {
  uint64_t zero = 0;
  convert_array({&zero, sums.view.dtype, {}}, {sums.data, sums.view.dtype, sums.view.strides}, sums.view.shape());
}

// All rows of one group, of the lanes first..last. Sums of one group are one thread's.
void add_group(Context& context, const PoolGrad& op, const PoolPlan& plan, const Sums& sums, int64_t group,
               int64_t first, int64_t last) {
  int64_t size = size_of(op.grad_output.dtype), sum_size = size_of(sums.view.dtype);
  const std::byte* grad = context.data(op.grad_output);
  const int64_t* indices = plan.is_max() ? context.data<int64_t>(op.indices) : nullptr;
  int64_t bad = 0;
  for (int64_t number = 0; number < plan.rows(); ++number) {
    PoolGradRow g{plan.row(sums.view, number), nullptr, &bad};
    PoolRow& row = g.row;
    row.dtype = op.grad_output.dtype;
    row.lanes = last - first;
    row.out_lane = plan.lane_stride(op.grad_output);
    row.in = grad + (plan.group_offset(op.grad_output, group) + plan.row_offset(op.grad_output, number) +
                     first * row.out_lane) *
                        size;
    g.sums = sums.data + (plan.group_offset(sums.view, group) + first * row.in_lane) * sum_size;
    if (!plan.is_max()) {
      loops().pool_average_grad(g);
      continue;
    }
    row.in_lane = plan.lanes_are_channels() ? row.in_lane : 0;
    row.indices_lane = plan.lane_stride(op.indices);
    row.indices = const_cast<int64_t*>(indices) + plan.group_offset(op.indices, group) +
                  plan.row_offset(op.indices, number) + first * row.indices_lane;
    if (!loops().pool_max_grad(g)) context.report_index(bad, plan.volume());
  }
}

}  // namespace

void run(Context& context, const PoolGrad& op) {
  if (op.output.numel() == 0) return;
  Sums sums = sums_of(context, op.output);
  clear(sums);
  if (op.grad_output.numel() > 0) {
    PoolPlan plan(sums.view, op.grad_output, op.geometry);
    context.data(op.grad_output);  // memory is made by one thread
    if (plan.is_max()) context.data(op.indices);
    int64_t parts = plan.lanes_are_channels() ? (plan.lanes() + kChannels - 1) / kChannels : 1;
    int64_t work = std::max<int64_t>(1, plan.volume() * (plan.lanes_are_channels() ? kChannels : 1));
    parallel_for(plan.groups() * parts, std::max<int64_t>(1, 32768 / work), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        int64_t first = i % parts * kChannels;
        int64_t last = parts == 1 ? plan.lanes() : std::min(first + kChannels, plan.lanes());
        add_group(context, op, plan, sums, i / parts, first, last);
      }
    });
  }
  if (sums.data != context.data(op.output))
    convert_array({sums.data, sums.view.dtype, sums.view.strides},
                  {context.data(op.output), op.output.dtype, op.output.strides}, op.output.shape());
}

}  // namespace lineshaft::cpu
