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

double attention_scale(int64_t depth) {
  return 1.0 / std::sqrt(static_cast<double>(depth));
}

Sizes attention_output_sizes(std::span<const int64_t> query, std::span<const int64_t> value) {
  Sizes sizes(query.begin(), query.end());
  sizes.back() = value.back();
  return sizes;
}

int64_t attention_counters(std::span<const int64_t> query, std::span<const int64_t> key) {
  int64_t batch = query[0], heads = query[1], queries = query[2], keys = key[2];
  Int128 rows = static_cast<Int128>(batch) * heads * queries;
  LS_REQUIRE(rows <= (int64_t{1} << 52) && rows * keys <= (int64_t{1} << 52), "the scores of ", batch, " x ", heads,
             " x ", queries, " queries and ", keys, " keys are more than 2^52");
  return static_cast<int64_t>(rows * keys);
}

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
  Sizes sizes = attention_output_sizes(query.shape(), value.shape());
  require_shape("output", output, {sizes.data(), sizes.size()});
  require_shape("logsumexp", logsumexp, std::array{batch, heads, queries});
  attention_counters(query.shape(), key.shape());
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
