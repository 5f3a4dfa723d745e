// scatter: writes at computed positions; the reverse of gather, for scatter, index_put, index_add, embedding gradients.
//
//   target[base(c) + sum over j of indices[j][c] * index_strides[j]]  op=  source[c]      for each coordinate c of
//   `source`, in row-major order of c
//
// `target` is the base view with source's sizes, as gather's input is. The result is as if one element were done after
// another in that order (kAssign: the last wins), on every run. An index outside its bound writes nothing and is
// reported as gather does. f16 and bf16 round after each addition.
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

// What a target holds so that only what is scattered to it counts, as a number of compute_type(dtype): 0 for kAdd, 1
// for kMultiply, the largest number, or infinity, for kMin, the smallest for kMax. kAssign has none and is refused.
LINESHAFT_EXPORT Scalar scatter_identity(ScatterKind kind, DType dtype);

}  // namespace lineshaft
