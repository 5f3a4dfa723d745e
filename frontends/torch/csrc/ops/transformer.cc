// The fast path of PyTorch's transformer layers in evaluation: multi-head attention and a whole encoder layer, composed
// of other operators.
#include <ATen/ATen.h>

#include "csrc/core/kernel.h"
#include "csrc/core/tensor.h"

namespace lineshaft::torch {
namespace {

using at::Tensor;
// What `mask_type` says of a boolean mask, in which true hides a position.
enum MaskType : int64_t { kOfPositions = 0, kOfPadding = 1, kWhole = 2 };

// As [batch or 1, heads or 1, queries or 1, keys].
Tensor expanded_mask(const Tensor& mask, std::optional<int64_t> type, int64_t batch, int64_t queries, int64_t keys) {
  TORCH_CHECK(type.has_value(), "mask_type should be defined if a mask is given");
  TORCH_CHECK(mask.scalar_type() == at::kBool, "Mask should be a boolean tensor");
  switch (*type) {
    case kOfPositions:
      TORCH_CHECK(mask.dim() == 2 && mask.size(0) == queries && mask.size(1) == keys,
                  "Mask shape should match input shape; expected [", queries, ", ", keys, "], got ", mask.sizes());
      return mask.view({1, 1, queries, keys});
    case kOfPadding:
      TORCH_CHECK(mask.dim() == 2 && mask.size(0) == batch && mask.size(1) == keys,
                  "Mask shape should match input shape; expected [", batch, ", ", keys, "], got ", mask.sizes());
      return mask.view({batch, 1, 1, keys});
    case kWhole:
      TORCH_CHECK(mask.dim() == 4, "Mask shape should match input shape; expected 4 axes, got ", mask.sizes());
      return mask;
    default:
      TORCH_CHECK(false, "Mask Type should be 0 (src_mask), 1 (src_key_padding_mask), or 2 (default_mask); got ",
                  *type);
  }
}

// [batch, positions, embedding] through one third of the joined projection, as [batch, heads, positions, width].
Tensor projected(const Tensor& input, const Tensor& weight, const Tensor& bias, int64_t part, int64_t heads) {
  int64_t size = weight.size(0) / 3;
  Tensor out = at::linear(input, weight.narrow(0, part * size, size), bias.narrow(0, part * size, size));
  return out.view({input.size(0), input.size(1), heads, size / heads}).transpose(1, 2);
}

std::tuple<Tensor, Tensor> multi_head_attention(const Tensor& query, const Tensor& key, const Tensor& value,
                                                int64_t embed_dim, int64_t heads, const Tensor& qkv_weight,
                                                const Tensor& qkv_bias, const Tensor& proj_weight,
                                                const Tensor& proj_bias, const OptionalTensor& mask, bool need_weights,
                                                bool average_weights, std::optional<int64_t> mask_type) {
  TORCH_CHECK(query.dim() == 3, "expected 3-D `query`, got ", query.dim(), "-D tensor");
  TORCH_CHECK(key.dim() == 3 && value.dim() == 3, "expected 3-D `key` and `value`, got ", key.dim(), "-D and ",
              value.dim(), "-D tensors");
  TORCH_CHECK(heads > 0 && embed_dim % heads == 0, "`embed_dim` must divide evenly by `num_heads`; got ", embed_dim,
              " and ", heads);
  TORCH_CHECK(query.size(2) == embed_dim, "passed-in embed_dim ", embed_dim, " didn't match last dim of query ",
              query.size(2));
  TORCH_CHECK(qkv_weight.dim() == 2 && qkv_weight.size(0) == 3 * embed_dim && qkv_bias.numel() == 3 * embed_dim,
              "expected `qkv_weight` of sizes [", 3 * embed_dim, ", ", embed_dim,
              "] and a bias for each of its rows; got ", qkv_weight.sizes(), " and ", qkv_bias.sizes());
  Tensor q = projected(query, qkv_weight, qkv_bias, 0, heads), k = projected(key, qkv_weight, qkv_bias, 1, heads),
         v = projected(value, qkv_weight, qkv_bias, 2, heads);
  OptionalTensor hidden;
  if (present(mask)) hidden = expanded_mask(*mask, mask_type, query.size(0), query.size(1), key.size(1));
  Tensor context, weights;
  if (need_weights) {
    Tensor scores = at::matmul(q.mul(attention_scale(q.size(3))), k.transpose(2, 3));
    if (hidden) scores = scores.masked_fill(*hidden, -std::numeric_limits<double>::infinity());
    weights = scores.softmax(-1);
    context = at::matmul(weights, v);
    if (average_weights) weights = weights.mean(1);
  } else {
    context = at::scaled_dot_product_attention(q, k, v, hidden ? hidden->logical_not() : OptionalTensor());
  }
  context = context.transpose(1, 2).reshape({query.size(0), query.size(1), embed_dim});
  return {at::linear(context, proj_weight, proj_bias), weights};
}

struct Norm {
  const Tensor &weight, &bias;
  double eps;
  Tensor operator()(const Tensor& x) const { return at::layer_norm(x, {x.size(2)}, weight, bias, eps); }
};

Tensor encoder_layer(const Tensor& src, int64_t embed_dim, int64_t heads, const Tensor& qkv_weight,
                     const Tensor& qkv_bias, const Tensor& proj_weight, const Tensor& proj_bias, bool use_gelu,
                     bool norm_first, double eps, const Tensor& norm_weight_1, const Tensor& norm_bias_1,
                     const Tensor& norm_weight_2, const Tensor& norm_bias_2, const Tensor& ffn_weight_1,
                     const Tensor& ffn_bias_1, const Tensor& ffn_weight_2, const Tensor& ffn_bias_2,
                     const OptionalTensor& mask, std::optional<int64_t> mask_type) {
  TORCH_CHECK(src.dim() == 3, "expected 3-D `src`, got ", src.dim(), "-D tensor");
  Norm first{norm_weight_1, norm_bias_1, eps}, second{norm_weight_2, norm_bias_2, eps};
  auto attend = [&](const Tensor& x) {
    return std::get<0>(multi_head_attention(x, x, x, embed_dim, heads, qkv_weight, qkv_bias, proj_weight, proj_bias,
                                            mask, false, true, mask_type));
  };
  auto feed_forward = [&](const Tensor& x) {
    Tensor wide = at::linear(x, ffn_weight_1, ffn_bias_1);
    return at::linear(use_gelu ? at::gelu(wide) : at::relu(wide), ffn_weight_2, ffn_bias_2);
  };
  if (norm_first) {
    Tensor x = src.add(attend(first(src)));
    return x.add(feed_forward(second(x)));
  }
  Tensor x = first(src.add(attend(src)));
  return second(x.add(feed_forward(x)));
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement<&multi_head_attention>(m, "_native_multi_head_attention");
  implement<&encoder_layer>(m, "_transformer_encoder_layer_fwd");
}

}  // namespace lineshaft::torch
