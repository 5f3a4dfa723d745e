// search_sorted: where values belong in sorted sequences, found by halving. For each coordinate c of the output,
//
//   low = 0, high = bounds[0]
//   while low < high:  middle = (low + high) / 2, rounded down
//                      high = middle     where  sequence[c][middle] >= values[c]  (right: >)
//                      low = middle + 1  otherwise
//   output[c] = low
//
// which is how many elements of the sequence lie below the value (right: at or below it) where these are sorted. A
// comparison with NaN holds for nothing, so NaN lies above all numbers. What is not sorted, or has NaN before a number,
// gives what the steps above give, on every device.
//
// sequence[c] begins at the element c of `sequence`: a view with the output's sizes, of stride 0 where the coordinate
// makes no difference, as along the axis that is searched. Element k lies k * index_strides[0] further on.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/ops/operation.h"

namespace lineshaft {

struct SearchSorted {
  TensorView sequence;          // any dtype
  List<int64_t> index_strides;  // one number: elements of the sequence; not negative
  List<int64_t> bounds;         // one number: how many elements are searched. Of none nothing is read: output 0
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

// The elements of values and output, and those of the sequence that each search looks at.
LINESHAFT_EXPORT double units_of(const SearchSorted& op);

}  // namespace lineshaft
