// attention: scaled dot product attention without the score matrix in memory.
//
//   s = scale * q k^T + mask     (a bool mask gives -inf where it is false; causal: -inf where j > i + (Lk - Lq))
//   output = dropout(softmax(s)) v      logsumexp[b, h, i] = log(sum over j of exp(s[i, j]))
//
// Dropout keeps element (b, h, i, j) where the f32 uniform of Philox word 0 with key `seed` and counter offset + ((b*H
// + h)*Lq + i)*Lk + j is >= p, and scales by 1 / (1 - p). A row whose scores are all -inf gives zeros, and a logsumexp
// of -inf. The operands are floats; the computation is in f32 (f64 for f64), tiled as in FlashAttention-2 (Dao, 2023).
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/ops/operation.h"

namespace lineshaft {

struct AttentionParams {
  double scale = 1;
  bool causal = false;
  double dropout = 0;
  int64_t seed = 0;
  int64_t offset = 0;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& v) {
    v.param("scale", self.scale);
    v.param("causal", self.causal);
    v.param("dropout", self.dropout);
    argument(v, "seed", self.seed);
    argument(v, "offset", self.offset);
  }
};

struct Attention {
  TensorView query;      // [B, H, Lq, D]
  TensorView key;        // [B, H, Lk, D]   for grouped queries: stride 0 on H, the groups as part of B
  TensorView value;      // [B, H, Lk, Dv]
  TensorView mask;       // optional: [B, H, Lq, Lk], bool or q's dtype
  TensorView output;     // [B, H, Lq, Dv]
  TensorView logsumexp;  // [B, H, Lq], f32 (f64 for f64)
  AttentionParams params;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& v) {
    v.input("query", self.query);
    v.input("key", self.key);
    v.input("value", self.value);
    v.input("mask", self.mask);
    v.output("output", self.output);
    v.output("logsumexp", self.logsumexp);
    AttentionParams::fields(self.params, v);
  }
};

LINESHAFT_EXPORT void validate(const Attention& op);

// The usual `scale`, 1 / sqrt(depth), for queries of `depth` elements (D).
LINESHAFT_EXPORT double attention_scale(int64_t depth);
// The output's sizes, for a query [B, H, Lq, D] and a value [B, H, Lk, Dv].
LINESHAFT_EXPORT Sizes attention_output_sizes(std::span<const int64_t> query, std::span<const int64_t> value);
// How many Philox counters dropout uses: one for each score. Throws Error(kInvalidArgument) for more than 2^52.
LINESHAFT_EXPORT int64_t attention_counters(std::span<const int64_t> query, std::span<const int64_t> key);
LINESHAFT_EXPORT double units_of(const Attention& op);

}  // namespace lineshaft
