#include "lineshaft/frontend/positions.h"

#include <algorithm>

#include "lineshaft/base/error.h"
#include "lineshaft/frontend/formulas/positions.h"
#include "lineshaft/frontend/map.h"
#include "lineshaft/ops/compact.h"

namespace lineshaft::frontend {

int64_t compact(Stream& stream, const TensorView& mask, const TensorView& positions, const TensorView& count) {
  if (mask.numel() == 0) return 0;
  stream.record(Compact{mask, positions, count});
  int64_t found = 0;
  stream.read(count.buffer, count.offset, &found, sizeof found);
  return found;
}

void record_coordinates(Stream& stream, const TensorRef& numbers, std::span<const int64_t> sizes, const TensorRef& out,
                        const TensorRef* count, int64_t fill) {
  LS_REQUIRE(numbers.sizes.size() == 1 && out.sizes.size() == 2 && out.sizes[0] == numbers.sizes[0] &&
                 out.sizes[1] == static_cast<int64_t>(sizes.size()),
             "coordinates of sizes ", shape_text(out.sizes), " for numbers of sizes ", shape_text(numbers.sizes),
             " in a tensor of sizes ", shape_text(sizes),
             "; they have a row for each number and a column for each axis");
  ProgramRef program = count ? formulas::coordinate_or_fill_program() : formulas::coordinate_program();
  const TensorRef inputs[] = {numbers, count ? *count : TensorRef{}};
  int64_t stride = 1;
  for (size_t axis = sizes.size(); axis-- > 0;) {
    const Scalar args[] = {Scalar::of(stride), Scalar::of(std::max<int64_t>(sizes[axis], 1)), Scalar::of(fill)};
    TensorRef column = out;
    column.offset += static_cast<int64_t>(axis) * out.strides[1] * size_of(out.dtype);
    column.sizes = out.sizes.first(1);
    column.strides = out.strides.first(1);
    record_map(stream, program, List<TensorRef>(&column, 1), List<TensorRef>(inputs, count ? 2 : 1),
               List<Scalar>(args, count ? 3 : 2));
    stride = saturating_product(stride, sizes[axis]);
  }
}

}  // namespace lineshaft::frontend
