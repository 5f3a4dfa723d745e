// gather: reads at computed positions. One form for index_select, embedding, gather, take and advanced indexing:
//
//   output[c] = element of input at  base(c) + sum over j of indices[j][c] * index_strides[j]
//
// for each coordinate c of the output. `input` is the base: a view with the output's sizes and stride 0 on every axis
// that an index replaces (it addresses the element that all indices 0 give). indices[j] has the output's sizes (stride
// 0 broadcasts). With wrap, an index i < 0 means i + bounds[j]. An index outside 0..bounds[j]-1 is found by the device:
// the element becomes 0 and the next wait throws Error(kIndex) with operator, index and bound. Never a wild read: base
// plus every index within its bound lies in the buffer.
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

// The one-dimensional view that holds every element reachable from `base` with indices within `bounds`: what bounds
// checks against the buffer, and the hazard tracker, must take for the operand.
LINESHAFT_EXPORT TensorView reachable(const TensorView& base, List<int64_t> index_strides, List<int64_t> bounds);
// The rule that gather and scatter share. `space` is well formed and has the sizes of the coordinates.
LINESHAFT_EXPORT void validate_indices(const TensorView& base, List<TensorView> indices, List<int64_t> index_strides,
                                       List<int64_t> bounds, const TensorView& space);

}  // namespace lineshaft
