// search_sorted: the positions at which values belong in sorted sequences, by binary search. For each coordinate c of
// the output,
//
//   low = 0, high = bounds[0]
//   while low < high:  middle = (low + high) / 2, rounded down
//                      high = middle     where  sequence[c][middle] >= values[c]  (right: >)
//                      low = middle + 1  otherwise
//   output[c] = low
//
// For a sorted sequence, that is the number of its elements below the value (right: at or below it). Every comparison
// with NaN is false, so a NaN counts as larger than all numbers. For a sequence that is not sorted, or has a NaN before
// a number, the result is what the steps above give, on every device.
//
// The sequence of coordinate c begins at element c of the view `sequence`, which has the output's sizes, and stride 0
// along each axis on which the sequence does not depend. Element k of the sequence lies k * index_strides[0] elements
// further.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/ops/operation.h"

namespace lineshaft {

struct SearchSorted {
  TensorView sequence;          // any dtype
  List<int64_t> index_strides;  // one number: elements of the sequence; not negative
  List<int64_t> bounds;         // one number: the length of a sequence. For 0 nothing is read, and the output is 0
  bool right = false;
  TensorView values;  // the sequence's dtype, the output's sizes
  TensorView output;  // i64 or i32

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& v) {
    reached_input(v, "sequence", self.sequence, {&self.index_strides, &self.bounds});
    v.param("index_strides", self.index_strides);
    v.param("bounds", self.bounds);
    v.param("right", self.right);
    v.input("values", self.values);
    v.output("output", self.output);
  }
};

LINESHAFT_EXPORT void validate(const SearchSorted& op);

// The number of elements of values and output, and of elements of sequences that the searches read.
LINESHAFT_EXPORT double units_of(const SearchSorted& op);

}  // namespace lineshaft
