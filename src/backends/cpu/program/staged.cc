#include "backends/cpu/program/staged.h"

#include "backends/cpu/program/epilogue.h"
#include "backends/cpu/program/map_run.h"

namespace lineshaft::cpu {

DType computing_type(std::initializer_list<const TensorView*> views) {
  for (const TensorView* view : views)
    if (*view && view->dtype == DType::kF64) return DType::kF64;
  return DType::kF32;
}

namespace {

Staged in_scratch(Context& context, const TensorView& view, DType type) {
  TensorView copy = contiguous_view(view.buffer, type, view.shape());
  return {copy, context.scratch<std::byte>(std::max<int64_t>(1, copy.numel() * size_of(type)))};
}

}  // namespace

Staged stage_input(Context& context, const TensorView& view, DType type) {
  if (!view) return {};
  if (compute_type(view.dtype) == type) return {view, context.data(view)};
  Staged staged = in_scratch(context, view, type);
  std::byte* addresses[] = {context.data(view), staged.data};
  run_map(MapRun(context, cast_program(view.dtype, type), {&view, 1}, {&staged.view, 1}, {}, addresses));
  return staged;
}

Staged stage_output(Context& context, const TensorView& view, DType type) {
  if (!view) return {};
  if (compute_type(view.dtype) == type) return {view, context.data(view)};
  return in_scratch(context, view, type);
}

void commit_output(Context& context, const Staged& staged, const TensorView& view) {
  if (!staged || staged.data == context.data(view)) return;
  store_results(context, staged.data, staged.view.dtype, {}, view);
}

}  // namespace lineshaft::cpu
