#include "backends/vulkan/index_space.h"

#include <algorithm>

#include "ops/gather.h"

namespace lineshaft::vulkan {
namespace {

// No two coordinates meet in one element of the target unless all their indices are equal and they differ only along
// axes on which the target does not step.
bool is_separable(const TensorView& base, List<int64_t> index_strides, List<int64_t> bounds) {
  std::vector<std::pair<int64_t, int64_t>> steps;
  for (int i = 0; i < base.rank; ++i)
    if (base.strides[i] != 0 && base.sizes[i] > 1) steps.emplace_back(base.strides[i], base.sizes[i]);
  for (size_t j = 0; j < bounds.size(); ++j)
    if (bounds[j] > 1) steps.emplace_back(index_strides[j], bounds[j]);
  std::ranges::sort(steps);
  int64_t reach = 0;
  for (auto [stride, size] : steps) {
    if (stride <= reach) return false;
    reach += stride * (size - 1);
  }
  return true;
}

}  // namespace

IndexSpace make_index_space(const TensorView& base, List<TensorView> indices, List<int64_t> index_strides,
                            List<int64_t> bounds, Blocks blocks) {
  IndexSpace space;
  bool allowed = blocks == Blocks::kAny || is_separable(base, index_strides, bounds);
  for (int i = 0; i < base.rank; ++i) {
    if (base.sizes[i] == 1) continue;
    bool indexed = false;
    IndexAxis axis{base.sizes[i], {base.strides[i]}};
    for (const TensorView& index : indices) {
      axis.strides.push_back(index.strides[i]);
      indexed |= index.strides[i] != 0;
    }
    bool block = allowed && !indexed && (blocks == Blocks::kAny || base.strides[i] != 0);
    space.blocked[i] = block;
    (block ? space.block : space.outer).push_back(axis);
    (block ? space.block_count : space.outer_count) *= axis.size;
  }
  return space;
}

std::array<int32_t, 8> axis_sizes(const std::vector<IndexAxis>& axes) {
  std::array<int32_t, 8> sizes{};
  for (size_t i = 0; i < axes.size(); ++i) sizes[i] = static_cast<int32_t>(axes[i].size);
  return sizes;
}

std::array<int32_t, 8> axis_strides(const std::vector<IndexAxis>& axes, size_t view) {
  std::array<int32_t, 8> strides{};
  for (size_t i = 0; i < axes.size(); ++i) strides[i] = static_cast<int32_t>(axes[i].strides[view]);
  return strides;
}

DType word_type(DType type) {
  if (size_of(type) == 8) return type;
  return is_float(type) ? DType::kF32 : DType::kI32;
}

TensorView as_integers(TensorView view) {
  constexpr DType kIntegers[] = {DType::kI8, DType::kI16, DType::kI32, DType::kI64};
  int size = size_of(view.dtype);
  view.dtype = kIntegers[size == 8 ? 3 : size == 4 ? 2 : size == 2 ? 1 : 0];
  return view;
}

TensorView resolve_elements(Context& context, const IndexSpace& space, const TensorView& base, const TensorView& region,
                            const TensorView& bound, List<TensorView> indices, List<int64_t> index_strides,
                            List<int64_t> bounds, bool wrap) {
  element_count(region.numel());
  TensorView elements = context.scratch(DType::kI32, {space.outer_count});
  for (size_t j = 0; j < indices.size(); ++j) {
    TensorView index = indices[j];
    index.rank = static_cast<uint8_t>(space.outer.size());
    for (size_t i = 0; i < space.outer.size(); ++i) {
      index.sizes[i] = space.outer[i].size;
      index.strides[i] = space.outer[i].strides[1 + j];
    }
    struct {
      uint32_t count, rank, start, first, stride, bound, wrap, command;
      std::array<int32_t, 8> sizes, strides;
    } push{element_count(space.outer_count),
           static_cast<uint32_t>(space.outer.size()),
           static_cast<uint32_t>((base.offset - region.offset) / size_of(base.dtype) + context.base_of(bound)),
           j == 0,
           static_cast<uint32_t>(index_strides[j]),
           element_count(bounds[j]),
           wrap,
           context.command(),
           axis_sizes(space.outer),
           axis_strides(space.outer, 0)};
    context.run_kernel({.kernel = variant("index_resolve", index.dtype),
                        .turns = loop(kMaxRank),
                        .operands = {in(context.dense(index, index.dtype)), out(elements)},
                        .groups = context.groups_for(space.outer_count, 64),
                        .index_errors = true},
                       push);
  }
  return elements;
}

}  // namespace lineshaft::vulkan
