// Batch normalization in its five ATen forms. Statistics are f32 (f64 for f64); running statistics are updated by a map
// on the device.
#include "csrc/core/kernel.h"
#include "csrc/core/map.h"
#include "csrc/ops/normalization.h"
#include <lineshaft/frontend/formulas/normalization.h>
#include <lineshaft/frontend/normalization.h>

namespace lineshaft::torch {
namespace {

using Three = std::tuple<at::Tensor, at::Tensor, at::Tensor>;

// running = (1 - momentum) * running + momentum * batch, for mean and unbiased variance.
void update_running(const at::Tensor& running_mean, const at::Tensor& running_var, const at::Tensor& mean,
                    const at::Tensor& rstd, double momentum, double eps, int64_t count) {
  ProgramRef program = frontend::formulas::running_statistics_update_program(
      dtype_of(running_mean.scalar_type()), dtype_of(running_var.scalar_type()), dtype_of(mean.scalar_type()));
  auto args = frontend::formulas::running_statistics_update_arguments(momentum, eps, count);
  record_map(program, {&running_mean, &running_var}, {&running_mean, &running_var, &mean, &rstd}, args);
}

// What evaluation uses in place of the batch's statistics.
std::pair<at::Tensor, at::Tensor> from_running(const at::Tensor& running_mean, const at::Tensor& running_var,
                                               double eps, c10::ScalarType type) {
  ProgramRef program = frontend::formulas::running_statistics_program(
      dtype_of(running_mean.scalar_type()), dtype_of(running_var.scalar_type()), dtype_of(type));
  auto device = running_mean.device().index();
  at::Tensor mean = empty(running_mean.sizes(), type, device), rstd = empty(running_mean.sizes(), type, device);
  lineshaft::Scalar args[] = {lineshaft::Scalar::of(eps)};
  record_map(program, {&mean, &rstd}, {&running_mean, &running_var}, args);
  return {mean, rstd};
}

void check_channels(const at::Tensor& input, const OptionalTensor& vector, const char* what) {
  if (!present(vector)) return;
  require_device(*vector, input.device(), what);
  TORCH_CHECK(vector->numel() == input.size(1), what, " should contain ", input.size(1), " elements not ",
              vector->numel());
}

void normalize(const at::Tensor& input, const OptionalTensor& weight, const OptionalTensor& bias,
               const at::Tensor& mean, const at::Tensor& rstd, bool use_statistics, double eps, const at::Tensor& out) {
  frontend::NormalizedChannels channels{view_of(input)};
  Normalize op;
  op.input = channels.input;
  op.axes = channels.axes();
  op.eps = eps;
  op.use_statistics = use_statistics;
  op.weight = channels.parameter(view_of(weight));
  op.bias = channels.parameter(view_of(bias));
  op.mean = channels.statistic(view_of(mean));
  op.rstd = channels.statistic(view_of(rstd));
  op.output = view_of(out);
  stream_of(input).record(op);
}

Three batch_norm(const at::Tensor& input, const OptionalTensor& weight, const OptionalTensor& bias,
                 const OptionalTensor& running_mean, const OptionalTensor& running_var, bool training, double momentum,
                 double eps) {
  require_floats("batch_norm", input);
  TORCH_CHECK(input.dim() >= 2, "batch norm takes an input of 2 axes at least; got sizes ", input.sizes());
  check_channels(input, weight, "weight");
  check_channels(input, bias, "bias");
  check_channels(input, running_mean, "running_mean");
  check_channels(input, running_var, "running_var");
  // Apart: on CUDA, statistics of f32 may stand beside parameters of f16.
  require_parameters(input, weight, bias);
  require_parameters(input, running_mean, running_var);
  auto device = input.device().index();
  auto type = statistics_type(input);
  at::Tensor out = empty(input.sizes(), input.scalar_type(), device, input.suggest_memory_format());
  if (!training) {
    TORCH_CHECK(present(running_mean) && present(running_var),
                "running_mean and running_var must be defined in evaluation mode");
    auto [mean, rstd] = from_running(*running_mean, *running_var, eps, type);
    if (input.numel() > 0) normalize(input, weight, bias, mean, rstd, true, eps, out);
    return {out, empty({0}, type, device), empty({0}, type, device)};
  }
  at::Tensor mean = empty({input.size(1)}, type, device), rstd = empty({input.size(1)}, type, device);
  TORCH_CHECK(input.numel() > 0, "input tensor must have at least one element, but got input_sizes = ", input.sizes());
  normalize(input, weight, bias, mean, rstd, false, eps, out);
  if (present(running_mean) && present(running_var)) {
    int64_t count = input.numel() / input.size(1);
    update_running(*running_mean, *running_var, mean, rstd, momentum, eps, count);
  }
  return {out, mean, rstd};
}

Three batch_norm_legit(const at::Tensor& input, const OptionalTensor& weight, const OptionalTensor& bias,
                       at::Tensor& running_mean, at::Tensor& running_var, bool training, double momentum, double eps) {
  return batch_norm(input, weight, bias, running_mean, running_var, training, momentum, eps);
}

Three batch_norm_no_stats(const at::Tensor& input, const OptionalTensor& weight, const OptionalTensor& bias,
                          bool training, double momentum, double eps) {
  return batch_norm(input, weight, bias, {}, {}, training, momentum, eps);
}

std::tuple<at::Tensor, at::Tensor, at::Tensor, at::Tensor> batch_norm_with_update(
    const at::Tensor& input, const OptionalTensor& weight, const OptionalTensor& bias, at::Tensor& running_mean,
    at::Tensor& running_var, double momentum, double eps) {
  auto [out, mean, rstd] = batch_norm(input, weight, bias, running_mean, running_var, true, momentum, eps);
  return {out, mean, rstd, empty({0}, at::kByte, input.device().index())};
}

Three batch_norm_backward(const at::Tensor& grad_out, const at::Tensor& input, const OptionalTensor& weight,
                          const OptionalTensor& running_mean, const OptionalTensor& running_var,
                          const OptionalTensor& save_mean, const OptionalTensor& save_invstd, bool train, double eps,
                          std::array<bool, 3> wanted) {
  require_parameters(input, weight, {});
  require_parameters(input, running_mean, running_var);
  at::Tensor mean, rstd;
  if (train)
    mean = *save_mean, rstd = *save_invstd;
  else
    std::tie(mean, rstd) = from_running(*running_mean, *running_var, eps, statistics_type(input));
  auto device = input.device().index();
  auto parameter_type = present(weight) ? weight->scalar_type() : input.scalar_type();
  at::Tensor grad_input, grad_weight, grad_bias;
  if (wanted[0]) grad_input = empty(input.sizes(), input.scalar_type(), device, input.suggest_memory_format());
  if (wanted[1]) grad_weight = empty({input.size(1)}, parameter_type, device);
  if (wanted[2]) grad_bias = empty({input.size(1)}, parameter_type, device);
  if (input.numel() == 0) {
    if (wanted[1]) grad_weight.zero_();
    if (wanted[2]) grad_bias.zero_();
    return {grad_input, grad_weight, grad_bias};
  }
  frontend::NormalizedChannels channels{view_of(input)};
  NormalizeGrad op;
  op.input = channels.input;
  op.axes = channels.axes();
  op.constant_statistics = !train;
  op.grad_output = view_of(grad_out);
  op.weight = channels.parameter(view_of(weight));
  op.mean = channels.statistic(view_of(mean));
  op.rstd = channels.statistic(view_of(rstd));
  op.grad_input = view_of(grad_input);
  op.grad_weight = channels.summed(view_of(grad_weight));
  op.grad_bias = channels.summed(view_of(grad_bias));
  if (wanted[0] || wanted[1] || wanted[2]) stream_of(input).record(op);
  return {grad_input, grad_weight, grad_bias};
}

Three batch_norm_update_backward(const at::Tensor& grad_out, const at::Tensor& input, const at::Tensor& weight,
                                 const OptionalTensor& running_mean, const OptionalTensor& running_var,
                                 const OptionalTensor& save_mean, const OptionalTensor& save_var, bool update,
                                 double eps, std::array<bool, 3> wanted, const at::Tensor& /*reserve*/) {
  return batch_norm_backward(grad_out, input, weight, running_mean, running_var, save_mean, save_var, update, eps,
                             wanted);
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement<&batch_norm>(m, "native_batch_norm");
  implement<&batch_norm_legit>(m, "_native_batch_norm_legit");
  implement<&batch_norm_no_stats>(m, "_native_batch_norm_legit.no_stats");
  implement<&batch_norm_with_update>(m, "_batch_norm_with_update");
  implement<&batch_norm_backward>(m, "native_batch_norm_backward");
  implement<&batch_norm_update_backward>(m, "batch_norm_backward");
}

}  // namespace
}  // namespace lineshaft::torch
