#include "lineshaft/ops/scatter.h"

#include <algorithm>

#include "backends/vulkan/ops/resolve_elements.h"
#include "backends/vulkan/ops/row_sort.h"
#include "backends/vulkan/ops/slices.h"
#include "lineshaft/ops/gather.h"

namespace lineshaft::vulkan {
namespace {

// The source as [outer..., block...].
TensorView by_axes(const TensorView& source, const IndexSpace& space) {
  TensorView view = source;
  view.rank = 0;
  for (bool block : {false, true})
    for (int i = 0; i < source.rank; ++i) {
      if (source.sizes[i] == 1 || space.blocked[i] != block) continue;
      view.sizes[view.rank] = source.sizes[i];
      view.strides[view.rank++] = source.strides[i];
    }
  return view;
}

// bool as integers: or is max, and is min.
ScatterKind integer_kind(ScatterKind kind, DType type) {
  if (type != DType::kBool) return kind;
  return kind == ScatterKind::kAdd ? ScatterKind::kMax : kind == ScatterKind::kMultiply ? ScatterKind::kMin : kind;
}

}  // namespace

void run(Context& context, const Scatter& op) {
  if (op.source.numel() == 0) return;
  int outermost = 0;  // parts along it are in the order of the source
  while (outermost + 1 < op.source.rank && op.source.sizes[outermost] == 1) ++outermost;
  if (ran_in_parts(context, op, 1u << outermost)) return;
  bool assign = op.kind == ScatterKind::kAssign;
  TensorView target = assign ? as_integers(op.target) : op.target, source = assign ? as_integers(op.source) : op.source;
  DType type = word_type(target.dtype);
  if (type == DType::kF64) context.require_f64("scatter");
  IndexSpace space = make_index_space(target, op.indices, op.index_strides, op.bounds, Blocks::kDistinct);
  TensorView region = reachable(target, op.index_strides, op.bounds);
  // Elements narrower than a word are widened with all that can be reached, and brought back.
  TensorView words = size_of(region.dtype) >= 4 ? region : context.dense(region, type);
  TensorView elements =
      resolve_elements(context, space, target, region, words, op.indices, op.index_strides, op.bounds, op.wrap);
  SortedRows sorted = sort_rows(context, elements, 1, space.outer_count, KeyKind::kRaw, false);
  TensorView given = context.dense(by_axes(source, space), type);
  struct {
    uint32_t outer, block, rank, first, end;
    std::array<int32_t, 8> sizes, strides;
  } push{element_count(space.outer_count),
         static_cast<uint32_t>(space.block_count),
         static_cast<uint32_t>(space.block.size()),
         0,
         0,
         axis_sizes(space.block),
         axis_strides(space.block, 0)};
  element_count(source.numel());
  Turns axes = loop(kMaxRank);
  int64_t step = assign ? space.outer_count : longest_loop(context.turns(), kNoLoops, axes);
  for (int64_t first = 0; first < space.outer_count; first += step) {
    int64_t count = std::min(step, space.outer_count - first);
    push.first = static_cast<uint32_t>(first);
    push.end = static_cast<uint32_t>(first + count);
    context.run_kernel(
        {.kernel = variant("scatter", type),
         .turns = assign ? axes : axes + loop(count),
         .operands = {in(sorted.keys), in(sorted.positions), in(given), out(words)},
         .constants = {static_cast<uint32_t>(integer_kind(op.kind, target.dtype)), static_cast<uint32_t>(target.dtype)},
         .groups = context.groups_for(count * space.block_count, 64)},
        push);
  }
  context.store(words, region);
}

}  // namespace lineshaft::vulkan
