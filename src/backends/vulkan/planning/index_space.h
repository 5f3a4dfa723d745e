// The coordinates over which gather and scatter go, and the element that each one's indices name.
#pragma once

#include <array>
#include <vector>

#include "lineshaft/ops/operation.h"

namespace lineshaft::vulkan {

// An axis of the space, longer than 1.
struct IndexAxis {
  int64_t size = 1;
  std::vector<int64_t> strides;  // elements: of the base, then of the indices
};

struct IndexSpace {
  std::vector<IndexAxis> outer;  // which are resolved: the element depends on them through an index
  std::vector<IndexAxis> block;  // along which the element's number grows by the base's stride alone
  int64_t outer_count = 1, block_count = 1;
  std::array<bool, kMaxRank> blocked{};  // by axis of the views: whether it belongs to the block
};

enum class Blocks {
  kAny,      // every axis without indices is a block axis
  kDistinct  // only those along which the base steps, and where no two coordinates meet in one element but by equal
             // indices
};

IndexSpace make_index_space(const TensorView& base, List<TensorView> indices, List<int64_t> index_strides,
                            List<int64_t> bounds, Blocks blocks);

// Sizes or strides for push constants, padded to 8.
std::array<int32_t, 8> axis_sizes(const std::vector<IndexAxis>& axes);
std::array<int32_t, 8> axis_strides(const std::vector<IndexAxis>& axes, size_t view);

// What elements are converted to for kernels that know words of 4 and 8 bytes: f64, f32, i64 or i32.
DType word_type(DType type);

// The same bytes as integers: what only moves elements needs no conversion.
TensorView as_integers(TensorView view);

}  // namespace lineshaft::vulkan
