// Layer, RMS and group normalization: the engine's normalize over other views (frontend/normalization.h).
#include "csrc/core/kernel.h"
#include "csrc/ops/normalization.h"
#include <lineshaft/frontend/normalization.h>

namespace lineshaft::torch {
namespace {

using Three = std::tuple<at::Tensor, at::Tensor, at::Tensor>;

// How a tensor splits into rows that are normalized.
struct Rows : frontend::NormalizedRows {
  c10::SmallVector<int64_t, 8> statistics;  // the sizes of mean and rstd

  Rows(const at::Tensor& input, c10::IntArrayRef normalized_shape)
      : NormalizedRows(span_of(input.sizes()), normalized_shape.size()) {
    int64_t kept = input.dim() - static_cast<int64_t>(normalized_shape.size());
    TORCH_CHECK(!normalized_shape.empty(),
                "Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one "
                "element, but got normalized_shape = ",
                normalized_shape);
    if (kept < 0 || input.sizes().slice(kept) != normalized_shape) {
      std::string wanted;
      for (int64_t size : normalized_shape) wanted += concat(", ", size);
      TORCH_CHECK(false, "Given normalized_shape=", normalized_shape, ", expected input with shape [*", wanted,
                  "], but got input of size", input.sizes());
    }
    for (int64_t i = 0; i < input.dim(); ++i) statistics.push_back(i < kept ? input.size(i) : 1);
  }
};

at::Tensor dense(const OptionalTensor& tensor, c10::IntArrayRef shape, const char* what) {
  if (!present(tensor)) return {};
  TORCH_CHECK(tensor->sizes() == shape, "Expected ", what, " to be of same shape as normalized_shape, but got ", what,
              " of shape ", tensor->sizes(), " and normalized_shape = ", shape);
  return contiguous(*tensor);
}

at::Tensor new_like(const at::Tensor& tensor) {
  return empty(tensor.sizes(), tensor.scalar_type(), tensor.device().index());
}

// A statistic for the backward pass, of the type that the kernels read: that of the forward pass, or of the input.
at::Tensor statistic_of(const at::Tensor& input, const at::Tensor& given) {
  auto type = statistics_type(input);
  if (!given.defined() || given.scalar_type() == type) return given;
  TORCH_CHECK(given.scalar_type() == input.scalar_type(), "expected scalar type ", type, " but found ",
              given.scalar_type(), " in the statistics of an input of ", input.scalar_type());
  return given.to(type);
}

Three normalize_rows(NormalizeKind kind, const at::Tensor& given, c10::IntArrayRef shape,
                     const OptionalTensor& weight_given, const OptionalTensor& bias_given, double eps) {
  require_floats(kind == NormalizeKind::kRms ? "rms_norm" : "layer_norm", given);
  Rows rows(given, shape);
  at::Tensor input = contiguous(given), weight = dense(weight_given, shape, "weight"),
             bias = dense(bias_given, shape, "bias");
  require_parameters(input, weight, bias);
  auto device = input.device().index();
  auto type = statistics_type(input);
  at::Tensor out = new_like(input), mean, rstd = empty(rows.statistics, type, device);
  if (kind == NormalizeKind::kStandard) mean = empty(rows.statistics, type, device);
  if (input.numel() == 0) return {out, mean, rstd};
  Normalize op;
  op.kind = kind;
  op.axes = frontend::NormalizedRows::kAxes;
  op.eps = eps;
  op.input = rows.view(view_of(input));
  op.weight = rows.parameter(view_of(weight));
  op.bias = rows.parameter(view_of(bias));
  op.mean = rows.statistic(view_of(mean));
  op.rstd = rows.statistic(view_of(rstd));
  op.output = rows.view(view_of(out));
  stream_of(input).record(op);
  return {out, mean, rstd};
}

Three normalize_rows_backward(NormalizeKind kind, const at::Tensor& grad_given, const at::Tensor& input_given,
                              c10::IntArrayRef shape, const at::Tensor& mean_given, const at::Tensor& rstd_given,
                              const OptionalTensor& weight_given, std::array<bool, 3> wanted) {
  Rows rows(input_given, shape);
  at::Tensor grad = contiguous(grad_given), input = contiguous(input_given),
             weight = dense(weight_given, shape, "weight");
  require_parameters(input, weight, {});
  auto parameter_type = weight.defined() ? weight.scalar_type() : input.scalar_type();
  auto device = input.device().index();
  at::Tensor grad_input, grad_weight, grad_bias;
  if (wanted[0]) grad_input = new_like(input);
  if (wanted[1] && (weight.defined() || kind == NormalizeKind::kStandard))
    grad_weight = empty(shape, parameter_type, device);
  if (wanted[2]) grad_bias = empty(shape, parameter_type, device);
  at::Tensor mean = statistic_of(input, mean_given), rstd = statistic_of(input, rstd_given);
  if (input.numel() == 0) {
    if (grad_weight.defined()) grad_weight.zero_();
    if (grad_bias.defined()) grad_bias.zero_();
    return {grad_input, grad_weight, grad_bias};
  }
  NormalizeGrad op;
  op.kind = kind;
  op.axes = frontend::NormalizedRows::kAxes;
  op.grad_output = rows.view(view_of(grad));
  op.input = rows.view(view_of(input));
  op.weight = rows.parameter(view_of(weight));
  op.mean = rows.statistic(view_of(mean));
  op.rstd = rows.statistic(view_of(rstd));
  op.grad_input = rows.view(view_of(grad_input));
  op.grad_weight = rows.summed(view_of(grad_weight));
  op.grad_bias = rows.summed(view_of(grad_bias));
  if (op.grad_input || op.grad_weight || op.grad_bias) stream_of(input).record(op);
  return {grad_input, grad_weight, grad_bias};
}

Three layer_norm(const at::Tensor& input, c10::IntArrayRef normalized_shape, const OptionalTensor& weight,
                 const OptionalTensor& bias, double eps) {
  return normalize_rows(NormalizeKind::kStandard, input, normalized_shape, weight, bias, eps);
}

Three layer_norm_backward(const at::Tensor& grad_out, const at::Tensor& input, c10::IntArrayRef normalized_shape,
                          const at::Tensor& mean, const at::Tensor& rstd, const OptionalTensor& weight,
                          const OptionalTensor& /*bias*/, std::array<bool, 3> wanted) {
  return normalize_rows_backward(NormalizeKind::kStandard, grad_out, input, normalized_shape, mean, rstd, weight,
                                 wanted);
}

// Of the type that PyTorch computes in: float's for f16 and bf16 too.
double default_eps(c10::ScalarType type) {
  return type == at::kDouble ? std::numeric_limits<double>::epsilon() : std::numeric_limits<float>::epsilon();
}

std::tuple<at::Tensor, at::Tensor> rms_norm(const at::Tensor& input, c10::IntArrayRef normalized_shape,
                                            const OptionalTensor& weight, std::optional<double> eps) {
  auto [out, mean, rstd] = normalize_rows(NormalizeKind::kRms, input, normalized_shape, weight, {},
                                          eps.value_or(default_eps(input.scalar_type())));
  return {out, rstd};
}

std::tuple<at::Tensor, at::Tensor> rms_norm_backward(const at::Tensor& grad_out, const at::Tensor& input,
                                                     c10::IntArrayRef normalized_shape, const at::Tensor& rstd,
                                                     const OptionalTensor& weight, std::array<bool, 2> wanted) {
  auto [grad_input, grad_weight, none] = normalize_rows_backward(NormalizeKind::kRms, grad_out, input, normalized_shape,
                                                                 {}, rstd, weight, {wanted[0], wanted[1], false});
  return {grad_input, grad_weight};
}

frontend::NormalizedGroups groups_of(const at::Tensor& input, int64_t images, int64_t channels, int64_t positions,
                                     int64_t groups) {
  TORCH_CHECK(groups > 0, "Expected num groups to be greater than 0, got ", groups);
  TORCH_CHECK(channels % groups == 0,
              "Expected number of channels in input to be divisible by num_groups, but got input of shape ",
              input.sizes(), " and num_groups=", groups);
  return {images, channels, positions, groups};
}

Three group_norm(const at::Tensor& given, const OptionalTensor& weight_given, const OptionalTensor& bias_given,
                 int64_t images, int64_t channels, int64_t positions, int64_t group, double eps) {
  require_floats("group_norm", given);
  auto groups = groups_of(given, images, channels, positions, group);
  at::Tensor input = contiguous(given);
  at::Tensor weight = dense(weight_given, {channels}, "weight"), bias = dense(bias_given, {channels}, "bias");
  require_parameters(input, weight, bias);
  auto device = input.device().index();
  auto type = statistics_type(input);
  at::Tensor out = new_like(input), mean = empty({images, group}, type, device),
             rstd = empty({images, group}, type, device);
  if (input.numel() == 0) return {out, mean, rstd};
  Normalize op;
  op.axes = frontend::NormalizedGroups::kAxes;
  op.eps = eps;
  op.input = groups.view(view_of(input));
  op.weight = groups.parameter(view_of(weight));
  op.bias = groups.parameter(view_of(bias));
  op.mean = groups.statistic(view_of(mean));
  op.rstd = groups.statistic(view_of(rstd));
  op.output = groups.view(view_of(out));
  stream_of(input).record(op);
  return {out, mean, rstd};
}

Three group_norm_backward(const at::Tensor& grad_given, const at::Tensor& input_given, const at::Tensor& mean_given,
                          const at::Tensor& rstd_given, const OptionalTensor& weight_given, int64_t images,
                          int64_t channels, int64_t positions, int64_t group, std::array<bool, 3> wanted) {
  auto groups = groups_of(input_given, images, channels, positions, group);
  at::Tensor grad = contiguous(grad_given), input = contiguous(input_given),
             weight = dense(weight_given, {channels}, "weight");
  auto parameter_type = weight.defined() ? weight.scalar_type() : input.scalar_type();
  auto device = input.device().index();
  at::Tensor grad_input, grad_weight, grad_bias;
  if (wanted[0]) grad_input = new_like(input);
  if (wanted[1]) grad_weight = empty({channels}, parameter_type, device);
  if (wanted[2]) grad_bias = empty({channels}, parameter_type, device);
  at::Tensor mean = statistic_of(input, mean_given), rstd = statistic_of(input, rstd_given);
  require_parameters(input, weight, {});
  TORCH_CHECK(grad.scalar_type() == input.scalar_type(), "Expected scalar types of X and dY are same, got ",
              input.scalar_type(), " and ", grad.scalar_type());
  if (input.numel() == 0) {
    if (wanted[1]) grad_weight.zero_();
    if (wanted[2]) grad_bias.zero_();
    return {grad_input, grad_weight, grad_bias};
  }
  NormalizeGrad op;
  op.axes = frontend::NormalizedGroups::kAxes;
  op.grad_output = groups.view(view_of(grad));
  op.input = groups.view(view_of(input));
  op.weight = groups.parameter(view_of(weight));
  op.mean = groups.statistic(view_of(mean));
  op.rstd = groups.statistic(view_of(rstd));
  op.grad_input = groups.view(view_of(grad_input));
  op.grad_weight = groups.summed(view_of(grad_weight));
  op.grad_bias = groups.summed(view_of(grad_bias));
  if (wanted[0] || wanted[1] || wanted[2]) stream_of(input).record(op);
  return {grad_input, grad_weight, grad_bias};
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement<&layer_norm>(m, "native_layer_norm");
  implement<&layer_norm_backward>(m, "native_layer_norm_backward");
  implement<&rms_norm>(m, "_fused_rms_norm");
  implement<&rms_norm_backward>(m, "_fused_rms_norm_backward");
  implement<&group_norm>(m, "native_group_norm");
  implement<&group_norm_backward>(m, "native_group_norm_backward");
}

}  // namespace
}  // namespace lineshaft::torch
