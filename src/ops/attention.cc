#include "lineshaft/ops/attention.h"

#include <cmath>

#include "base/compiler.h"
#include "ops/attention_rules.h"
#include "ops/operands.h"

namespace lineshaft {
namespace {

void require_params(const AttentionParams& params) {
  LS_REQUIRE(std::isfinite(params.scale), "scale is ", params.scale, "; it must be finite");
  LS_REQUIRE(params.dropout >= 0 && params.dropout < 1, "dropout is ", params.dropout,
             "; it lies in 0 to 1, without 1");
}

}  // namespace

void validate_attention(const TensorView& query, const TensorView& key, const TensorView& value, const TensorView& mask,
                        const TensorView& output, const TensorView& logsumexp, const AttentionParams& params) {
  require_params(params);
  require_rank("query", query, 4);
  require_rank("key", key, 4);
  require_rank("value", value, 4);
  require_float("query", query);
  require_dtype("key", key, query.dtype);
  require_dtype("value", value, query.dtype);
  require_dtype("output", output, query.dtype);
  require_dtype("logsumexp", logsumexp, accumulate_type(query.dtype));
  int64_t batch = query.sizes[0], heads = query.sizes[1], queries = query.sizes[2], depth = query.sizes[3];
  int64_t keys = key.sizes[2], values = value.sizes[3];
  require_shape("key", key, std::array{batch, heads, keys, depth});
  require_shape("value", value, std::array{batch, heads, keys, values});
  require_shape("output", output, std::array{batch, heads, queries, values});
  require_shape("logsumexp", logsumexp, std::array{batch, heads, queries});
  Int128 rows = static_cast<Int128>(batch) * heads * queries;
  LS_REQUIRE(rows <= (int64_t{1} << 52) && rows * keys <= (int64_t{1} << 52), "the scores of ", batch, " x ", heads,
             " x ", queries, " queries and ", keys, " keys are more than 2^52");
  require_work({batch, heads, queries, keys, depth + values});
  if (!mask) return;
  LS_REQUIRE(mask.dtype == DType::kBool || mask.dtype == query.dtype, "mask is ", name_of(mask.dtype),
             "; it takes bool or the query's ", name_of(query.dtype));
  require_shape("mask", mask, std::array{batch, heads, queries, keys});
}

void validate(const Attention& op) {
  require_memory(op);
  validate_attention(op.query, op.key, op.value, op.mask, op.output, op.logsumexp, op.params);
}

double units_of(const Attention& op) {
  return elements(op.query) * static_cast<double>(op.key.sizes[2]);
}

}  // namespace lineshaft
