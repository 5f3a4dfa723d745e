// Elements that are found by a mask: where they are, as row-major numbers and as coordinates. What nonzero, tf.where
// and boolean masks are made of.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/frontend/tensor_ref.h"
#include "lineshaft/stream/stream.h"

namespace lineshaft::frontend {

// The row-major numbers of the elements of `mask`, of any dtype, that are not 0, ascending. Records `compact`
// (ops/compact.h, which says what positions and count are), waits, and returns how many there are: the first so many
// elements of `positions` are written. 0 where the mask has no elements, and nothing is recorded then.
LINESHAFT_EXPORT int64_t compact(Stream& stream, const TensorView& mask, const TensorView& positions,
                                 const TensorView& count);

// Records the coordinates in a tensor of sizes `sizes` of elements that are given by their row-major numbers. `numbers`
// is i64[N]; `out` is i64[N, as many as sizes], whose row i is the coordinates of numbers[i]. Where `count` is given,
// i64[1], only so many of the numbers are ones, and the rows past them are `fill`. One command for each axis, the last
// axis first; nothing is recorded where `out` has no elements. Throws Error(kInvalidArgument) where the sizes of
// numbers and out do not go together.
LINESHAFT_EXPORT void record_coordinates(Stream& stream, const TensorRef& numbers, std::span<const int64_t> sizes,
                                         const TensorRef& out, const TensorRef* count = nullptr, int64_t fill = 0);

}  // namespace lineshaft::frontend
