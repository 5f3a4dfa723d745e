#include "backends/vulkan/planning/index_space.h"

#include <algorithm>

#include "lineshaft/ops/gather.h"

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

}  // namespace lineshaft::vulkan
