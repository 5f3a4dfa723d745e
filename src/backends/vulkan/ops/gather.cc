#include "lineshaft/ops/gather.h"

#include "backends/vulkan/ops/resolve_elements.h"
#include "backends/vulkan/ops/slices.h"

namespace lineshaft::vulkan {
namespace {

// Outer and block axes in the order of the output: each outer axis steps through the resolved elements, each block axis
// through the source.
struct Axes {
  std::array<int32_t, 8> sizes{}, source_strides{}, element_strides{};
  uint32_t rank = 0;
};

Axes axes_of(const TensorView& base, const IndexSpace& space) {
  Axes axes;
  auto step = static_cast<int32_t>(space.outer_count);
  for (int i = 0; i < base.rank; ++i) {
    if (base.sizes[i] == 1) continue;
    auto size = static_cast<int32_t>(base.sizes[i]);
    uint32_t at = axes.rank++;
    axes.sizes[at] = size;
    if (space.blocked[i])
      axes.source_strides[at] = static_cast<int32_t>(base.strides[i]);
    else
      axes.element_strides[at] = step /= size;
  }
  return axes;
}

}  // namespace

void run(Context& context, const Gather& op) {
  if (op.output.numel() == 0) return;
  if (ran_in_parts(context, op, ~0u)) return;
  IndexSpace space = make_index_space(op.input, op.indices, op.index_strides, op.bounds, Blocks::kAny);
  TensorView region = reachable(op.input, op.index_strides, op.bounds);
  TensorView elements =
      resolve_elements(context, space, op.input, region, region, op.indices, op.index_strides, op.bounds, op.wrap);
  TensorView output = as_integers(op.output);
  int bytes = size_of(output.dtype);
  TensorView computed = context.dense_output(output, bytes == 8 ? DType::kI64 : DType::kI32);
  Axes axes = axes_of(op.input, space);
  struct {
    uint32_t count, rank;
    std::array<int32_t, 8> sizes, source_strides, element_strides;
  } push{element_count(output.numel()), axes.rank, axes.sizes, axes.source_strides, axes.element_strides};
  context.run_kernel({.kernel = "gather_b" + std::to_string(bytes),
                      .turns = loop(kMaxRank),
                      .operands = {in(region), in(elements), out(computed)},
                      .groups = context.groups_for(output.numel(), 64)},
                     push);
  context.store(computed, output);
}

}  // namespace lineshaft::vulkan
