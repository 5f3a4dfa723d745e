#include "lineshaft/ops/resample_grad.h"

#include "backends/cpu/nest.h"
#include "backends/cpu/points.h"
#include "backends/cpu/separable.h"

namespace lineshaft::cpu {
namespace {

template <class T>
void run_regular(Context& context, const ResampleGrad& op) {
  const Volume from(op.grad_output), to(op.grad_input);
  auto taps = make_taps<Compute<T>>(op.geometry, to, from, op.grad_input.rank - 2, true);
  for (auto& axis : taps) axis = axis.transposed();
  Separable<T>(std::move(taps), context.data<T>(op.grad_output), from, context.data<T>(op.grad_input), to).run(context);
}

template <class T, class F>
void for_each_element(const TensorView& view, const TensorView& other, F&& f) {
  Nest nest = make_nest({view, other});
  int last = nest.rank ? nest.rank - 1 : 0;
  walk(nest, nest.rank, 0, nest.numel(), INT64_MAX, [&](const int64_t* at, int64_t count) {
    for (int64_t i = 0; i < count; ++i) f(at[0] + i * nest.strides[0][last], at[1] + i * nest.strides[1][last]);
  });
}

// Sums in the compute type; the gradient is rounded once.
template <class T>
void run_points_input(Context& context, const ResampleGrad& op) {
  using P = Compute<T>;
  TensorView sums_view = contiguous_view(op.grad_input.buffer, op.grad_input.dtype, op.grad_input.shape());
  P* sums = context.scratch<P>(sums_view.numel());
  std::fill(sums, sums + sums_view.numel(), P(0));
  Points<T>(sums_view, op.grid, op.grad_output, op.geometry)
      .add_gradient(context.data<T>(op.grad_output), context.data<T>(op.grid), sums);
  T* to = context.data<T>(op.grad_input);
  for_each_element<T>(op.grad_input, sums_view, [&](int64_t at, int64_t from) { to[at] = narrow<T>(sums[from]); });
}

template <class T>
void run_points_grid(Context& context, const ResampleGrad& op) {
  Points<T>(op.input, op.grid, op.grad_output, op.geometry)
      .grid_gradient(context.data<T>(op.grad_output), context.data<T>(op.input), context.data<T>(op.grid),
                     context.data<T>(op.grad_grid), op.grad_grid);
}

}  // namespace

void run(Context& context, const ResampleGrad& op) {
  visit_float(op.grad_output.dtype, [&]<class T>(std::type_identity<T>) {
    if (!op.grid) return run_regular<T>(context, op);
    if (op.grad_input && op.grad_input.numel() > 0) run_points_input<T>(context, op);
    if (op.grad_grid && op.grad_grid.numel() > 0) run_points_grid<T>(context, op);
  });
}

}  // namespace lineshaft::cpu
