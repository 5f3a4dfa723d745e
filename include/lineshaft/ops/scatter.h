// scatter: writes elements at positions that indices give; the counterpart of gather. It covers scatter, index_put,
// index_add and gradients of embeddings.
//
//   target[base(c) + sum over j of indices[j][c] * index_strides[j]]  op=  source[c]
//
// for each coordinate c of `source`, in row-major order.
//
// `target` is the base view, with the sizes of `source`, as `input` is for gather. The result is always as if the
// elements were processed one after another in that order: for kAssign the last one wins, and f16 and bf16 are rounded
// after each element. For an index outside its bound nothing is written, and the next wait throws Error(kIndex) as for
// gather.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/ops/operation.h"

namespace lineshaft {

enum class ScatterKind : uint8_t { kAssign, kAdd, kMultiply, kMin, kMax };
LINESHAFT_ENUM_NAMES(ScatterKind, "assign", "add", "multiply", "min", "max")

struct Scatter {
  ScatterKind kind = ScatterKind::kAssign;
  TensorView target;
  List<TensorView> indices;
  List<int64_t> index_strides;
  List<int64_t> bounds;
  bool wrap = false;
  TensorView source;  // the target's dtype

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& v) {
    v.param("kind", self.kind);
    reached_inout(v, "target", self.target, {&self.index_strides, &self.bounds});
    v.input("indices", self.indices);
    v.param("index_strides", self.index_strides);
    v.param("bounds", self.bounds);
    v.param("wrap", self.wrap);
    v.input("source", self.source);
  }
};

LINESHAFT_EXPORT void validate(const Scatter& op);

// The identity of the kind, as a number of compute_type(dtype): a target filled with it takes the scattered values
// alone. 0 for kAdd, 1 for kMultiply, the largest number or infinity for kMin, the smallest number or -infinity for
// kMax. Throws Error(kInvalidArgument) for kAssign, which has none.
LINESHAFT_EXPORT Scalar scatter_identity(ScatterKind kind, DType dtype);

}  // namespace lineshaft
