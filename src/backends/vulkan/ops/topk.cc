#include "lineshaft/ops/topk.h"

#include "backends/vulkan/ops/row_sort.h"
#include "backends/vulkan/ops/slices.h"
#include "backends/vulkan/planning/index_space.h"

namespace lineshaft::vulkan {

void run(Context& context, const TopK& op) {
  if (op.values.numel() == 0) return;
  if (ran_in_parts(context, op, axes_without(op.axis))) return;
  int64_t length = op.input.rank ? op.input.sizes[op.axis] : 1, rows = op.input.numel() / length;
  TensorView source = context.dense(axis_last(op.input, op.axis), word_type(op.input.dtype));
  SortedRows sorted = sort_rows(context, source, rows, length, key_kind(op.input.dtype), op.largest);
  store_sorted(context, sorted, source, rows, length, op.values.rank ? op.values.sizes[op.axis] : 1, op.axis, op.values,
               op.indices);
}

}  // namespace lineshaft::vulkan
