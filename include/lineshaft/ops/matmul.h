// matmul: batched matrix product with an epilogue.
//
//   r[b, m, n] = sum over k of a[b, m, k] * b[b, k, n]      output[b, m, n] = epilogue(r, ...)
//
// The operands have rank 2, or rank 3 with one batch axis, which stride 0 broadcasts. a and b have one dtype, not bool.
// Sums of floats are accumulated in f32 (f64 for f64); integers wrap in their compute type. r is rounded to the dtype
// of the epilogue's input 0 or, without an epilogue, to the output's dtype. For a transposed operand, give a view with
// swapped strides.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/ops/operation.h"

namespace lineshaft {

struct Matmul {
  TensorView a;       // [B, M, K] or [M, K]
  TensorView b;       // [B, K, N] or [K, N]
  TensorView output;  // [B, M, N] or [M, N]
  Epilogue epilogue;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& v) {
    v.input("a", self.a);
    v.input("b", self.b);
    v.output("output", self.output);
    Epilogue::fields(self.epilogue, v);
  }
};

LINESHAFT_EXPORT void validate(const Matmul& op);

// The sizes of the product, for two matrices [M, K] and [K, N] or two batches of them.
LINESHAFT_EXPORT Sizes matmul_output_sizes(std::span<const int64_t> a, std::span<const int64_t> b);
LINESHAFT_EXPORT double units_of(const Matmul& op);

}  // namespace lineshaft
