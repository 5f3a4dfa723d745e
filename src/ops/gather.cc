#include "lineshaft/ops/gather.h"

#include <algorithm>

#include "base/compiler.h"
#include "ops/operands.h"

namespace lineshaft {

TensorView reachable(const TensorView& base, List<int64_t> index_strides, List<int64_t> bounds) {
  ByteRange range = byte_range(base);
  int64_t size = size_of(base.dtype);
  TensorView view{base.buffer, range.begin, base.dtype, 1};
  view.sizes[0] = saturating_difference(range.end, range.begin) / size;
  view.strides[0] = 1;
  if (view.sizes[0] == 0) return view;
  for (size_t j = 0; j < bounds.size(); ++j) {
    int64_t last = bounds[j] > 0 ? bounds[j] - 1 : 0;
    view.sizes[0] = saturating_sum(view.sizes[0], saturating_product(last, index_strides[j]));
  }
  return view;
}

void validate_indices(const TensorView& base, List<TensorView> indices, List<int64_t> index_strides,
                      List<int64_t> bounds, const TensorView& space) {
  require_view("the base", base);
  LS_REQUIRE(indices.size() >= 1 && indices.size() <= kMaxRank, indices.size(), " indices are given; 1 to ", kMaxRank,
             " are taken");
  LS_REQUIRE(index_strides.size() == indices.size() && bounds.size() == indices.size(), indices.size(),
             " indices have ", index_strides.size(), " strides and ", bounds.size(), " bounds");
  require_shape("the base", base, space.shape());
  Int128 reach = 0;
  for (size_t j = 0; j < indices.size(); ++j) {
    require_view("an index", indices[j]);
    require_index("an index", indices[j]);
    require_shape("an index", indices[j], space.shape());
    LS_REQUIRE(bounds[j] >= 0, "bound ", j, " is ", bounds[j], ", below 0");
    LS_REQUIRE(index_strides[j] >= 0, "index stride ", j, " is ", index_strides[j], ", below 0");
    reach += static_cast<Int128>(bounds[j] > 0 ? bounds[j] - 1 : 0) * index_strides[j];
    LS_REQUIRE(reach <= kMaxElements, "indices within their bounds reach more than 2^52 elements");
  }
}

void validate(const Gather& op) {
  // Each view is checked by itself first: what is reachable from the input is what must lie apart from the output.
  require_view("output", op.output);
  validate_indices(op.input, op.indices, op.index_strides, op.bounds, op.output);
  require_dtype("output", op.output, op.input.dtype);
  std::vector<Operand> operands;
  operands.push_back({.name = "input", .view = reachable(op.input, op.index_strides, op.bounds), .read = true});
  for (const TensorView& index : op.indices) operands.push_back({.name = "an index", .view = index, .read = true});
  operands.push_back({.name = "output", .view = op.output, .written = true});
  require_operands(operands);
}

}  // namespace lineshaft
