#include "backends/vulkan/reduce_rows.h"

#include <algorithm>

namespace lineshaft::vulkan {
namespace {

std::string suffix_of(DType type) {
  return type == DType::kI64 ? "i64w" : std::string(name_of(type));
}

// Into how many parts a row is cut: enough invocations to fill the device, each with enough to do. By shape and device
// only.
int64_t segments_of(const Context& context, const Rows& rows) {
  int64_t wanted = context.features().family == Family::kLavapipe ? 512 : 65536;
  int64_t segments = 1;
  while (segments < 1024 && rows.kept() * segments < wanted && rows.length / (segments * 2) >= 32) segments *= 2;
  return segments;
}

}  // namespace

TensorView dense_as(const TensorView& view, std::span<const int64_t> sizes) {
  return contiguous_view(view.buffer, view.dtype, sizes, view.offset);
}

Rows rows_of(Context& context, const TensorView& view, uint8_t axes, DType type) {
  std::vector<int> kept, reduced;
  int first = -1, last = -1;
  for (int i = 0; i < view.rank; ++i) {
    bool is_reduced = axes >> i & 1;
    if (is_reduced && view.sizes[i] != 1) {
      first = first < 0 ? i : first;
      last = i;
    }
    (is_reduced ? reduced : kept).push_back(i);
  }
  bool together = true;
  for (int i = first; first >= 0 && i <= last; ++i) together &= (axes >> i & 1) || view.sizes[i] == 1;
  Rows rows;
  for (int i : reduced) rows.length *= view.sizes[i];
  if (together) {
    rows.values = context.dense(view, type);
    for (int i : kept) (first >= 0 && i > last ? rows.inner : rows.outer) *= view.sizes[i];
    return rows;
  }
  TensorView moved = view;
  int at = 0;
  for (const auto& part : {kept, reduced})
    for (int i : part) {
      moved.sizes[at] = view.sizes[i];
      moved.strides[at++] = view.strides[i];
    }
  rows.values = context.dense(moved, type);
  for (int i : kept) rows.outer *= view.sizes[i];
  return rows;
}

Reduced reduce_rows(Context& context, const Rows& rows, RowsKind kind, bool positions) {
  DType type = rows.values.dtype;
  if (type == DType::kF64) context.require_f64("a reduction");
  Rows now = rows;
  TensorView index;
  for (bool first = true;; first = false) {
    int64_t segments = first ? segments_of(context, now) : 1;
    int64_t count = now.kept() * segments;
    Reduced result{context.scratch(type, {count}), {}};
    if (positions) result.positions = context.scratch(DType::kI32, {count});
    struct {
      uint32_t count, length, segments, inner;
    } push{static_cast<uint32_t>(count), static_cast<uint32_t>(now.length), static_cast<uint32_t>(segments),
           static_cast<uint32_t>(now.inner)};
    // Bindings that a variant does not use hold anything.
    context.run_kernel({.kernel = "reduce_" + suffix_of(type),
                        .operands = {in(now.values), out(result.values), in(index ? index : now.values),
                                     out(positions ? result.positions : result.values)},
                        .constants = {static_cast<uint32_t>(kind), positions, first},
                        .groups = context.groups_for(count, 64)},
                       push);
    if (segments == 1) return result;
    now = {result.values, now.outer, segments, now.inner};
    index = result.positions;
  }
}

Moments moments_of_rows(Context& context, const Rows& rows) {
  DType type = rows.values.dtype;
  int64_t segments = segments_of(context, rows);
  auto launch = [&](const Rows& now, const TensorView& squares, int64_t parts, bool first) {
    int64_t count = now.kept() * parts;
    Moments result{context.scratch(type, {count}), context.scratch(type, {count})};
    struct {
      uint32_t count, length, segments, inner, elements;
    } push{static_cast<uint32_t>(count), static_cast<uint32_t>(now.length), static_cast<uint32_t>(parts),
           static_cast<uint32_t>(now.inner), static_cast<uint32_t>(rows.length)};
    context.run_kernel({.kernel = variant("moments", type),
                        .operands = {in(now.values), in(squares), out(result.mean), out(result.squares)},
                        .constants = {first},
                        .groups = context.groups_for(count, 64)},
                       push);
    return result;
  };
  Moments result = launch(rows, rows.values, segments, true);
  if (segments > 1) result = launch({result.mean, rows.outer, segments, rows.inner}, result.squares, 1, false);
  return result;
}

}  // namespace lineshaft::vulkan
