#include "lineshaft/ops/pool_grad.h"

#include <algorithm>

#include "backends/cpu/context.h"
#include "backends/cpu/dnn/convert.h"
#include "backends/cpu/dnn/loops.h"
#include "backends/cpu/dnn/pool_plan.h"
#include "backends/cpu/dnn/staged_result.h"
#include "backends/cpu/parallel.h"
#include "base/divide.h"

namespace lineshaft::cpu {
namespace {

constexpr int64_t kChannels = 64;  // that one task takes where channels are lanes

// The sums: grad_input itself, or scratch where its dtype is too narrow to add in.
struct PoolSums {
  TensorView view;
  std::byte* data;
};

PoolSums pool_sums_of(Context& context, const TensorView& output) {
  if (compute_type(output.dtype) == output.dtype) return {output, context.data(output)};
  TensorView view = output;
  view.dtype = compute_type(output.dtype);
  view.strides = dense_strides_like(output);
  return {view, static_cast<std::byte*>(context.scratch(output.numel() * size_of(view.dtype)))};
}

void clear(const PoolSums& sums) {
  uint64_t zero = 0;
  convert_array({&zero, sums.view.dtype, {}}, {sums.data, sums.view.dtype, sums.view.strides}, sums.view.shape());
}

// What all rows of a group share, of the lanes from `first` on.
struct Group {
  Context& context;
  const PoolGrad& op;
  const PoolPlan& plan;
  const PoolSums& sums;
  int64_t number, first, last;

  const std::byte* grad(int64_t row) const {
    int64_t offset = plan.group_offset(op.grad_output, number) + plan.row_offset(op.grad_output, row) +
                     first * plan.lane_stride(op.grad_output);
    return context.data(op.grad_output) + offset * size_of(op.grad_output.dtype);
  }
  const int64_t* indices(int64_t row) const {
    return context.data<int64_t>(op.indices) + plan.group_offset(op.indices, number) +
           plan.row_offset(op.indices, row) + first * plan.lane_stride(op.indices);
  }
  PoolGradRow row(int64_t index, int64_t* bad) const {
    PoolGradRow g{plan.row(sums.view, index), nullptr, bad};
    g.row.dtype = op.grad_output.dtype;
    g.row.lanes = last - first;
    g.row.out_lane = plan.lane_stride(op.grad_output);
    g.sums = sums.data + (plan.group_offset(sums.view, number) + first * g.row.in_lane) * size_of(sums.view.dtype);
    return g;
  }
};

void add_averages(const Group& group) {
  for (int64_t i = 0; i < group.plan.rows(); ++i) {
    PoolGradRow g = group.row(i, nullptr);
    g.row.in = group.grad(i);
    loops().pool_average_grad(g);
  }
}

// The spatial axes of a plane follow each other in memory, so that it is one row.
bool is_one_row(const TensorView& view) {
  int64_t step = view.strides[view.rank - 1];
  for (int i = view.rank - 1; i >= 2; --i) {
    if (view.sizes[i] == 1) continue;
    if (view.strides[i] != step) return false;
    step *= view.sizes[i];
  }
  return true;
}

// Only the indices say where an element goes: windows do not matter.
void add_maxima(const Group& group) {
  int64_t bad = 0, rows = group.plan.rows();
  PoolGradRow g = group.row(0, &bad);
  g.row.indices_lane = group.plan.lane_stride(group.op.indices);
  if (!group.plan.lanes_are_channels()) {
    g.row.in_lane = 0;
    if (is_one_row(group.op.grad_output) && is_one_row(group.op.indices)) {
      g.row.lanes *= rows;
      rows = 1;
    }
  }
  for (int64_t i = 0; i < rows; ++i) {
    g.row.in = group.grad(i);
    g.row.indices = const_cast<int64_t*>(group.indices(i));
    if (!loops().pool_max_grad(g)) group.context.report_index(bad, group.plan.volume());
  }
}

}  // namespace

void run(Context& context, const PoolGrad& op) {
  if (op.output.numel() == 0) return;
  PoolSums sums = pool_sums_of(context, op.output);
  clear(sums);
  if (op.grad_output.numel() > 0) {
    PoolPlan plan(sums.view, op.grad_output, op.geometry);
    context.data(op.grad_output);  // memory is made by one thread
    if (plan.is_max()) context.data(op.indices);
    int64_t parts = plan.lanes_are_channels() ? divide_up(plan.lanes(), kChannels) : 1;
    int64_t work = std::max<int64_t>(1, plan.volume() * (plan.lanes_are_channels() ? kChannels : 1));
    parallel_for(plan.groups() * parts, std::max<int64_t>(1, 32768 / work), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        int64_t first = i % parts * kChannels;
        int64_t last = parts == 1 ? plan.lanes() : std::min(first + kChannels, plan.lanes());
        Group group{context, op, plan, sums, i / parts, first, last};
        plan.is_max() ? add_maxima(group) : add_averages(group);
      }
    });
  }
  if (sums.data != context.data(op.output))
    convert_array({sums.data, sums.view.dtype, sums.view.strides},
                  {context.data(op.output), op.output.dtype, op.output.strides}, op.output.shape());
}

}  // namespace lineshaft::cpu
