#include "lineshaft/ops/search_sorted.h"

#include <bit>

#include "backends/vulkan/ops/slices.h"
#include "backends/vulkan/planning/index_space.h"
#include "lineshaft/ops/gather.h"

namespace lineshaft::vulkan {
namespace {

// As search_sorted.comp numbers them.
enum class SearchKind : uint32_t { kUnsigned, kSigned, kFloat, kBool };

SearchKind search_kind(DType type) {
  if (is_float(type)) return SearchKind::kFloat;
  if (is_bool(type)) return SearchKind::kBool;
  return type == DType::kU8 ? SearchKind::kUnsigned : SearchKind::kSigned;
}

// The high word of the type's infinity.
uint32_t infinity_word(DType type) {
  switch (type) {
    case DType::kF64:
      return 0x7ff00000;
    case DType::kF16:
      return 0x7c000000;
    default:
      return 0x7f800000;
  }
}

// In the output's order, from the first along which the sequence differs.
std::vector<IndexAxis> sequence_axes(const TensorView& sequence) {
  std::vector<IndexAxis> axes;
  for (int i = 0; i < sequence.rank; ++i) {
    if (sequence.sizes[i] == 1 || (axes.empty() && sequence.strides[i] == 0)) continue;
    axes.push_back({sequence.sizes[i], {sequence.strides[i]}});
  }
  return axes;
}

}  // namespace

void run(Context& context, const SearchSorted& op) {
  if (op.output.numel() == 0) return;
  if (ran_in_parts(context, op, ~0u)) return;
  if (op.bounds[0] == 0) return context.fill(op.output, 0);
  TensorView region = reachable(op.sequence, op.index_strides, op.bounds), bits = as_integers(op.values);
  element_count(region.numel());
  TensorView values = context.dense(bits, bits.dtype), counts = context.dense_output(op.output, op.output.dtype);
  int bytes = size_of(values.dtype);
  std::vector<IndexAxis> axes = sequence_axes(op.sequence);
  struct {
    uint32_t count, rank, start, stride, bound;
    std::array<int32_t, 8> sizes, strides;
  } push{element_count(op.output.numel()),
         u32(static_cast<int64_t>(axes.size())),
         u32((op.sequence.offset - region.offset) / bytes + context.base_of(region)),
         u32(op.index_strides[0]),
         element_count(op.bounds[0]),
         axis_sizes(axes),
         axis_strides(axes, 0)};
  context.run_kernel({.kernel = "search_sorted_b" + std::to_string(bytes),
                      .turns = loop(kMaxRank) + loop(std::bit_width(push.bound)),
                      .operands = {in(region), in(values), out(counts)},
                      .constants = {static_cast<uint32_t>(search_kind(op.values.dtype)), infinity_word(op.values.dtype),
                                    op.right, op.output.dtype == DType::kI64 ? 2u : 1u},
                      .groups = context.groups_for(op.output.numel(), 64)},
                     push);
  context.store(counts, op.output);
}

}  // namespace lineshaft::vulkan
