// Scaled dot product attention on the engine's attention. What it does not take goes PyTorch's composed way ("math").
#include <ATen/native/transformers/attention.h>
#include <ATen/native/transformers/sdp_utils_cpp.h>

#include "csrc/core/generator.h"
#include "csrc/core/kernel.h"
#include "csrc/core/tensor.h"

namespace lineshaft::torch {
namespace {

// Batches, heads, one head's queries and keys, without a mask that wants a gradient. A causal mask is square: PyTorch
// aligns it at the first key, the engine at the last.
bool supports_attention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                        const OptionalTensor& mask, bool is_causal, bool enable_gqa) {
  if (query.dim() != 4 || key.dim() != 4 || value.dim() != 4 || enable_gqa) return false;
  if (query.scalar_type() != key.scalar_type() || query.scalar_type() != value.scalar_type()) return false;
  if (!c10::isFloatingType(query.scalar_type())) return false;
  if (query.size(0) != key.size(0) || query.size(1) != key.size(1)) return false;
  if (key.sizes().slice(0, 3) != value.sizes().slice(0, 3) || query.size(3) != key.size(3)) return false;
  if (query.numel() == 0 || key.numel() == 0 || value.numel() == 0) return false;
  if (is_causal && query.size(2) != key.size(2)) return false;
  if (!present(mask)) return true;
  return !is_causal && !mask->requires_grad() && mask->dim() <= 4 &&
         (mask->scalar_type() == query.scalar_type() || mask->scalar_type() == at::kBool);
}

int64_t choose(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value, const OptionalTensor& mask,
               double /*dropout*/, bool is_causal, std::optional<double> /*scale*/, bool enable_gqa) {
  bool supported = at::globalContext().userEnabledOverrideableSDP() &&
                   supports_attention(query, key, value, mask, is_causal, enable_gqa);
  return static_cast<int64_t>(supported ? at::SDPBackend::overrideable : at::SDPBackend::math);
}

AttentionParams params_of(const at::Tensor& query, double dropout, bool is_causal, std::optional<double> scale) {
  TORCH_CHECK(dropout >= 0 && dropout <= 1, "dropout probability has to be between 0 and 1, but got ", dropout);
  AttentionParams params;
  params.scale = scale.has_value() ? *scale : attention_scale(query.size(3));
  params.causal = is_causal;
  params.dropout = dropout;
  return params;
}

TensorView mask_view(const at::Tensor& mask, const at::Tensor& query, const at::Tensor& key) {
  if (!mask.defined()) return {};
  return view_of(mask, {query.size(0), query.size(1), query.size(2), key.size(2)});
}

at::Tensor host_number(int64_t value) {
  return at::scalar_tensor(value, at::TensorOptions().dtype(at::kLong));
}

std::tuple<at::Tensor, at::Tensor, at::Tensor, at::Tensor, c10::SymInt, c10::SymInt, at::Tensor, at::Tensor, at::Tensor>
attention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value, const OptionalTensor& bias,
          double dropout, bool is_causal, bool /*return_debug_mask*/, std::optional<double> scale) {
  TORCH_CHECK(supports_attention(query, key, value, bias, is_causal, false),
              "lineshaft's attention takes query [N, H, L, E], key [N, H, S, E] and value [N, H, S, V] of one dtype, a "
              "causal mask only "
              "where L is S; got ",
              query.sizes(), ", ", key.sizes(), " and ", value.sizes());
  auto device = query.device().index();
  TensorView q = view_of(query), k = view_of(key), v = view_of(value);
  Sizes sizes = attention_output_sizes(q.shape(), v.shape());
  int64_t batch = sizes[0], heads = sizes[1], length = sizes[2];
  AttentionParams params = params_of(query, dropout, is_causal, scale);
  if (dropout > 0) {
    Draw draw = reserve(std::nullopt, device, attention_counters(q.shape(), k.shape()));
    params.seed = draw.seed;
    params.offset = draw.offset;
  }
  // As [N, L, H, V] in memory, which is how the heads are joined afterwards.
  at::Tensor out = empty({batch, length, heads, sizes[3]}, query.scalar_type(), device).transpose(1, 2);
  at::Tensor logsumexp =
      empty({batch, heads, length}, query.scalar_type() == at::kDouble ? at::kDouble : at::kFloat, device);
  stream_of(query).record(Attention{q, k, v, mask_view(present(bias) ? *bias : at::Tensor(), query, key), view_of(out),
                                    view_of(logsumexp), params});
  return {out,
          logsumexp,
          at::Tensor(),
          at::Tensor(),
          length,
          key.size(2),
          host_number(params.seed),
          host_number(params.offset),
          at::Tensor()};
}

std::tuple<at::Tensor, at::Tensor, at::Tensor, at::Tensor> attention_backward(
    const at::Tensor& grad_out, const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
    const at::Tensor& bias, std::array<bool, 4> wanted, const at::Tensor& out, const at::Tensor& logsumexp,
    const at::Tensor& /*cum_seq_q*/, const at::Tensor& /*cum_seq_k*/, int64_t /*max_q*/, int64_t /*max_k*/,
    double dropout, bool is_causal, const at::Tensor& philox_seed, const at::Tensor& philox_offset,
    std::optional<double> scale) {
  if (!grad_out.defined()) return {};  // a later function gave none
  AttentionParams params = params_of(query, dropout, is_causal, scale);
  if (dropout > 0) {
    params.seed = philox_seed.item<int64_t>();
    params.offset = philox_offset.item<int64_t>();
  }
  at::Tensor grads[3];
  const at::Tensor* inputs[3] = {&query, &key, &value};
  for (int i = 0; i < 3; ++i)
    if (wanted[i]) grads[i] = torch::empty_like(*inputs[i]);
  AttentionGrad op;
  op.grad_output = view_of(grad_out);
  op.query = view_of(query);
  op.key = view_of(key);
  op.value = view_of(value);
  op.mask = mask_view(bias, query, key);
  op.output = view_of(out);
  op.logsumexp = view_of(logsumexp);
  op.grad_query = view_of(grads[0]);
  op.grad_key = view_of(grads[1]);
  op.grad_value = view_of(grads[2]);
  op.params = params;
  if (wanted[0] || wanted[1] || wanted[2]) stream_of(query).record(op);
  return {grads[0], grads[1], grads[2], at::Tensor()};
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement<&choose>(m, "_fused_sdp_choice");
  implement<&attention>(m, "_scaled_dot_product_fused_attention_overrideable");
  implement<&attention_backward>(m, "_scaled_dot_product_fused_attention_overrideable_backward");
}

}  // namespace
}  // namespace lineshaft::torch

namespace at::native {
REGISTER_PRIVATEUSE1_DISPATCH(_fused_sdp_choice_stub, &lineshaft::torch::choose)
}
