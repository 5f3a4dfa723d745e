#include "backends/vulkan/ops/resolve_elements.h"

namespace lineshaft::vulkan {

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
