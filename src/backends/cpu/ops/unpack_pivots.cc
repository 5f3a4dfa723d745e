#include "lineshaft/ops/unpack_pivots.h"

#include <utility>

#include "backends/cpu/context.h"
#include "backends/cpu/parallel.h"

namespace lineshaft::cpu {

void run(Context& context, const UnpackPivots& op) {
  if (op.rows.numel() == 0) return;
  int64_t count = op.pivots.sizes[1], size = op.rows.sizes[1];
  auto* pivots = count ? context.data<int32_t>(op.pivots) : nullptr;
  auto* rows = context.data<int64_t>(op.rows);
  auto row = [&](int64_t matrix, int64_t i) -> int64_t& {
    return rows[matrix * op.rows.strides[0] + i * op.rows.strides[1]];
  };
  parallel_for(op.rows.sizes[0], std::max<int64_t>(1, 4096 / size), [&](int64_t begin, int64_t end) {
    for (int64_t matrix = begin; matrix < end; ++matrix) {
      for (int64_t i = 0; i < size; ++i) row(matrix, i) = i;
      for (int64_t i = 0; i < count; ++i) {
        int64_t pivot = pivots[matrix * op.pivots.strides[0] + i * op.pivots.strides[1]];
        if (pivot < 0 || pivot >= size)
          context.report_index(pivot, size);
        else
          std::swap(row(matrix, i), row(matrix, pivot));
      }
    }
  });
}

}  // namespace lineshaft::cpu
