// The coordinates of gather and scatter, and how the element of each is found.
#pragma once

#include <array>
#include <vector>

#include "lineshaft/ops/operation.h"

namespace lineshaft::vulkan {

// An axis of the space, of a size above 1.
struct IndexAxis {
  int64_t size = 1;
  std::vector<int64_t> strides;  // in elements: of the base, then of each index
};

struct IndexSpace {
  std::vector<IndexAxis> outer;  // axes on which an index depends: for their coordinates, indices are resolved
  std::vector<IndexAxis> block;  // axes along which the number of the element grows only by the base's stride
  int64_t outer_count = 1, block_count = 1;
  std::array<bool, kMaxRank> blocked{};  // for each axis of the views, whether it is in `block`
};

enum class Blocks {
  kAny,      // every axis on which no index depends is in the block
  kDistinct  // only those of them along which the base has a stride, and where two coordinates address one element only
             // if their indices are equal
};

IndexSpace make_index_space(const TensorView& base, List<TensorView> indices, List<int64_t> index_strides,
                            List<int64_t> bounds, Blocks blocks);

// Sizes or strides for push constants, padded to 8 entries.
std::array<int32_t, 8> axis_sizes(const std::vector<IndexAxis>& axes);
std::array<int32_t, 8> axis_strides(const std::vector<IndexAxis>& axes, size_t view);

// The type to which elements are converted for kernels that only take 4 and 8 bytes: f64, f32, i64 or i32.
DType word_type(DType type);

// The same bytes, viewed as integers of the same size, for kernels that only move elements.
TensorView as_integers(TensorView view);

}  // namespace lineshaft::vulkan
