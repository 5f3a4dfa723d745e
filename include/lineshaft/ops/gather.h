// gather: reads elements at positions that indices give. It covers index_select, embedding, gather, take and advanced
// indexing:
//
//   output[c] = element of input at  base(c) + sum over j of indices[j][c] * index_strides[j]
//
// for each coordinate c of the output. base(c) is element c of the view `input`, which has the output's sizes, and
// stride 0 on every axis that an index replaces: it is the element that is read where all indices are 0. indices[j] has
// the output's sizes (stride 0 broadcasts). With wrap, an index i < 0 means i + bounds[j]. Where the device finds an
// index outside 0..bounds[j]-1, the output's element becomes 0, and the next wait throws Error(kIndex) with operator,
// index and bound. Nothing outside the buffer is read: whoever records the operation makes sure that every element
// within the bounds lies in the buffer.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/ops/operation.h"

namespace lineshaft {

struct Gather {
  TensorView input;
  List<TensorView> indices;     // i64 or i32; 1 to 8
  List<int64_t> index_strides;  // elements of the input; not negative
  List<int64_t> bounds;
  bool wrap = false;
  TensorView output;  // the input's dtype

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& v) {
    reached_input(v, "input", self.input, {&self.index_strides, &self.bounds});
    v.input("indices", self.indices);
    v.param("index_strides", self.index_strides);
    v.param("bounds", self.bounds);
    v.param("wrap", self.wrap);
    v.output("output", self.output);
  }
};

LINESHAFT_EXPORT void validate(const Gather& op);

// A one-dimensional view that spans every element which indices within `bounds` can reach from `base`. Bounds checks
// and hazard tracking use it in place of the operand's own view.
LINESHAFT_EXPORT TensorView reachable(const TensorView& base, List<int64_t> index_strides, List<int64_t> bounds);
// The part of validate that gather and scatter share. `space` is a valid view whose sizes are those of the coordinates.
LINESHAFT_EXPORT void validate_indices(const TensorView& base, List<TensorView> indices, List<int64_t> index_strides,
                                       List<int64_t> bounds, const TensorView& space);

}  // namespace lineshaft
