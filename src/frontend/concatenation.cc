#include "lineshaft/frontend/concatenation.h"

#include "lineshaft/base/error.h"
#include "lineshaft/frontend/formulas/selection.h"
#include "lineshaft/frontend/map.h"

namespace lineshaft::frontend {
namespace {

void require_joined_axis(std::span<const int64_t> sizes, int axis) {
  LS_REQUIRE(axis >= 0 && static_cast<size_t>(axis) < sizes.size(), "axis ", axis, " joins tensors of sizes ",
             shape_text(sizes), "; their axes are 0 to ", static_cast<int64_t>(sizes.size()) - 1);
}

bool are_equal_but_for(int axis, std::span<const int64_t> a, std::span<const int64_t> b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i)
    if (i != static_cast<size_t>(axis) && a[i] != b[i]) return false;
  return true;
}

}  // namespace

Sizes joined_sizes(List<std::span<const int64_t>> parts, int axis) {
  LS_REQUIRE(!parts.empty(), "no tensor is joined; one at least is taken");
  std::span<const int64_t> first = parts[0];
  require_joined_axis(first, axis);
  Sizes sizes(first.begin(), first.end());
  for (size_t i = 1; i < parts.size(); ++i) {
    LS_REQUIRE(are_equal_but_for(axis, first, parts[i]), "tensors of sizes ", shape_text(first), " and ",
               shape_text(parts[i]), " are joined along axis ", axis, "; they have equal sizes on all others");
    sizes[axis] = saturating_sum(sizes[axis], parts[i][axis]);
  }
  return sizes;
}

void record_concatenation(Stream& stream, List<TensorRef> parts, int axis, const TensorRef& out) {
  require_joined_axis(out.sizes, axis);
  int64_t joined = 0;
  for (const TensorRef& part : parts) {
    LS_REQUIRE(are_equal_but_for(axis, part.sizes, out.sizes), "a tensor of sizes ", shape_text(part.sizes),
               " is joined along axis ", axis, " to one of sizes ", shape_text(out.sizes));
    joined = saturating_sum(joined, part.sizes[axis]);
  }
  LS_REQUIRE(joined == out.sizes[axis], "tensors of ", joined, " elements on axis ", axis,
             " are joined to one of sizes ", shape_text(out.sizes));
  TensorRef place = out;
  for (const TensorRef& part : parts) {
    place.sizes = part.sizes;
    record_map(stream, formulas::convert_program(part.dtype, out.dtype), List<TensorRef>(&place, 1),
               List<TensorRef>(&part, 1));
    place.offset += part.sizes[axis] * out.strides[axis] * size_of(out.dtype);
  }
}

}  // namespace lineshaft::frontend
