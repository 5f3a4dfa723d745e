#include "lineshaft/ops/search_sorted.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "base/compiler.h"
#include "lineshaft/ops/gather.h"
#include "ops/operands.h"

namespace lineshaft {
namespace {

constexpr int64_t kMostSearched = int64_t{1} << 52;

// Before the sequence's reach is computed, which trusts these.
void require_search(const SearchSorted& op) {
  LS_REQUIRE(op.index_strides.size() == 1 && op.bounds.size() == 1, "a search has one stride and one bound; ",
             op.index_strides.size(), " strides and ", op.bounds.size(), " bounds are given");
  int64_t stride = op.index_strides[0], bound = op.bounds[0];
  LS_REQUIRE(stride >= 0, "the sequence's stride is ", stride, ", below 0");
  LS_REQUIRE(bound >= 0, "the sequence's bound is ", bound, ", below 0");
  LS_REQUIRE(static_cast<Int128>(std::max<int64_t>(bound - 1, 0)) * stride <= kMostSearched, "a sequence of ", bound,
             " elements at stride ", stride, " reaches more than 2^52 elements");
}

}  // namespace

void validate(const SearchSorted& op) {
  require_view("sequence", op.sequence);
  require_view("values", op.values);
  require_view("output", op.output);
  require_search(op);
  require_index("output", op.output);
  LS_REQUIRE(op.output.dtype == DType::kI64 || op.bounds[0] <= std::numeric_limits<int32_t>::max(), "the sequence has ",
             op.bounds[0], " elements, more than output's i32 counts; make it i64");
  require_shape("sequence", op.sequence, op.output.shape());
  require_shape("values", op.values, op.output.shape());
  require_dtype("values", op.values, op.sequence.dtype);
  require_operands(std::array<Operand, 3>{
      {{.name = "sequence", .view = reachable(op.sequence, op.index_strides, op.bounds), .read = true},
       {.name = "values", .view = op.values, .read = true},
       {.name = "output", .view = op.output, .written = true}}});
}

double units_of(const SearchSorted& op) {
  return elements(op.output) * (2 + std::bit_width(static_cast<uint64_t>(op.bounds[0])));
}

}  // namespace lineshaft
