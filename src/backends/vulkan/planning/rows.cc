#include "backends/vulkan/planning/rows.h"

#include <algorithm>

namespace lineshaft::vulkan {

TensorView dense_as(const TensorView& view, std::span<const int64_t> sizes) {
  return contiguous_view(view.buffer, view.dtype, sizes, view.offset);
}

std::vector<int64_t> runs_of(const TensorView& view, uint8_t axes) {
  std::vector<int64_t> runs{1};
  for (int i = 0; i < view.rank; ++i) {
    if (view.sizes[i] == 1) continue;
    bool reduced = axes >> i & 1;
    if (reduced != (runs.size() % 2 == 0)) runs.push_back(1);
    runs.back() *= view.sizes[i];
  }
  return runs;
}

TensorView kept_first(const TensorView& view, uint8_t axes) {
  TensorView moved = view;
  int at = 0;
  for (bool reduced : {false, true})
    for (int i = 0; i < view.rank; ++i) {
      if ((axes >> i & 1) != reduced) continue;
      moved.sizes[at] = view.sizes[i];
      moved.strides[at++] = view.strides[i];
    }
  return moved;
}

int64_t least_segments(const Rows& rows, Turns limit) {
  int64_t segments = 1;
  while (rows.length / segments >= longest_loop(limit)) segments *= 2;
  return segments;
}

int64_t segments_of(const Rows& rows, int64_t wanted, Turns limit) {
  int64_t segments = 1;
  while (segments < 1024 && rows.kept() * segments < wanted && rows.length / (segments * 2) >= 32) segments *= 2;
  return std::max(segments, least_segments(rows, limit));
}

bool takes_fours(const Rows& rows) {
  return rows.values.dtype == DType::kF32 &&
         (rows.inner == 1 ? rows.length % 4 == 0 && rows.length > 0 : rows.inner % 4 == 0);
}
Rows in_fours(const Rows& rows) {
  Rows fours = rows;
  (rows.inner == 1 ? fours.length : fours.inner) /= 4;
  return fours;
}
Rows parts_of(const TensorView& values, const Rows& rows, int64_t segments, bool fours) {
  return {values, rows.outer, fours && rows.inner == 1 ? segments * 4 : segments, rows.inner};
}

Rows last_run(const Rows& rows) {
  return {rows.values, rows.outer * rows.leading * rows.between, rows.length, rows.inner};
}
Rows leading_run(const TensorView& values, const Rows& rows) {
  return {values, rows.outer, rows.leading, rows.between * rows.inner};
}

}  // namespace lineshaft::vulkan
