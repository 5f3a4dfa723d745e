// Gradient scaling: unscale gradients and find what is not finite; adapt the scale. Both stay on the device.
#include "csrc/core/kernel.h"
#include "csrc/core/pointwise.h"
#include "csrc/ops/each.h"
#include <lineshaft/frontend/formulas/amp.h>
#include <lineshaft/frontend/reduction.h>

namespace lineshaft::torch {
namespace {

// flags[number] = 1 if an element of `gradient` is not finite, else 0.
void record_flag(const at::Tensor& gradient, const at::Tensor& flags, int64_t number) {
  TensorView view = view_of(gradient);
  frontend::Reduction reduction(at_least_1d(view));
  TensorView flag = view_of(flags);
  flag.rank = 0;
  flag.offset += number * size_of(DType::kF32);
  flag = reduction.output(flag);
  TensorView inputs[] = {reduction.input()};
  Reduce op;
  op.kind = ReduceKind::kMax;
  op.axes = reduction.axes();
  op.prologue = formulas::non_finite_program(view.dtype);
  op.inputs = inputs;
  op.output = flag;
  stream_of(gradient).record(op);
}

void unscale(at::TensorList gradients, const at::Tensor& inverse) {
  Each each(formulas::unscale_program(dtype_of(gradients[0].scalar_type())));
  for (const at::Tensor& gradient : gradients) {
    each.begin({&gradient});
    each.input(gradient);
    each.input(view_of(inverse.reshape({})));
    each.output(gradient);
  }
  each.record(stream_of(gradients[0]));
}

void check_one(const at::Tensor& tensor, const char* name) {
  TORCH_CHECK(tensor.numel() == 1, name, " must be a 1-element tensor.");
  TORCH_CHECK(tensor.scalar_type() == at::kFloat, name, " must be a float tensor.");
}

constexpr auto larger = [](Expr a, Expr b) { return max(a, b); };

void check_and_unscale(at::TensorList gradients, at::Tensor& found, const at::Tensor& inverse) {
  check_one(found, "found_inf");
  check_one(inverse, "inv_scale");
  std::vector<at::Tensor> present;
  for (const at::Tensor& gradient : gradients) {
    TORCH_CHECK(gradient.device() == gradients[0].device() && gradient.scalar_type() == gradients[0].scalar_type(),
                "the gradients that are unscaled together must have one device and one dtype");
    if (gradient.numel() > 0) present.push_back(gradient);
  }
  if (present.empty()) return;
  require_device(found, present[0].device(), "found_inf");
  require_device(inverse, present[0].device(), "inv_scale");
  auto count = static_cast<int64_t>(present.size());
  at::Tensor flags = empty({count}, at::kFloat, found.device().index());
  for (int64_t i = 0; i < count; ++i) record_flag(present[i], flags, i);
  at::Tensor any = empty({1}, at::kFloat, found.device().index());
  TensorView inputs[] = {view_of(flags)};
  Reduce reduce;
  reduce.kind = ReduceKind::kMax;
  reduce.axes = 1;
  reduce.inputs = inputs;
  reduce.output = view_of(any);
  stream_of(found).record(reduce);
  at::Tensor target = found.reshape({1});
  pointwise<larger>(target, target, any);
  unscale(present, inverse);
}

at::Tensor& update_scale(at::Tensor& scale, at::Tensor& tracker, const at::Tensor& found, double growth, double backoff,
                         int64_t interval) {
  check_one(scale, "current_scale");
  check_one(found, "found_inf");
  TORCH_CHECK(tracker.numel() == 1 && tracker.scalar_type() == at::kInt,
              "growth_tracker must be a 1-element int tensor.");
  lineshaft::Scalar args[] = {lineshaft::Scalar::of(growth), lineshaft::Scalar::of(backoff),
                              lineshaft::Scalar::of(interval)};
  at::Tensor scale1 = scale.reshape({1}), tracker1 = tracker.reshape({1}), found1 = found.reshape({1});
  record_map(formulas::update_scale_program(), {&scale1, &tracker1}, {&scale1, &tracker1, &found1}, args);
  return scale;
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement<&check_and_unscale>(m, "_amp_foreach_non_finite_check_and_unscale_");
  implement<&update_scale>(m, "_amp_update_scale_");
}

}  // namespace lineshaft::torch
