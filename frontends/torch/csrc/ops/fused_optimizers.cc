// The fused optimizers, and gradient scaling's check: each is one command over all parameters, after a small one over
// their step counts.
#include <ATen/MemoryOverlap.h>

#include <algorithm>

#include "csrc/core/kernel.h"
#include "csrc/ops/each.h"
#include <lineshaft/frontend/optimizers.h>

namespace lineshaft::torch {
namespace {

using at::Tensor;
using at::TensorList;
namespace formulas = frontend::formulas;

// A tensor of one element, without axes.
frontend::TensorRef number_of(const Tensor& tensor) {
  frontend::TensorRef number = ref_of(tensor.reshape({}));
  number.sizes = number.strides = {};
  return number;
}

// What a step has beside the parameters' own tensors: gradient scaling and a learning rate in a tensor.
struct Shared {
  OptionalTensor grad_scale, found_inf, lr;
  frontend::StepTensors tensors() const { return {number(grad_scale), number(found_inf), number(lr)}; }
  // A gradient that is scaled is written back unscaled.
  void count_grad(const Tensor& grad) const {
    if (present(grad_scale)) count_version(grad);
  }

 private:
  static frontend::TensorRef number(const OptionalTensor& tensor) {
    return present(tensor) ? number_of(*tensor) : frontend::TensorRef();
  }
};

// Lists of one length on one device of ours, whatever their strides: parameters and gradients of one dtype, states of
// one. What is written must not overlap itself.
void check_lists(const char* name, TensorList params, TensorList grads, const Shared& shared,
                 c10::ArrayRef<TensorList> states) {
  auto check = [&](TensorList list, c10::ScalarType type, bool written) {
    TORCH_CHECK(list.size() == params.size(), "the fused ", name, " of lineshaft is given ", params.size(),
                " parameters and ", list.size(), " of their gradients or states; each parameter takes one");
    for (const Tensor& tensor : list) {
      require_device(tensor, params[0].device(), name);
      TORCH_CHECK(tensor.scalar_type() == type, "the fused ", name,
                  " of lineshaft takes parameters and gradients of one dtype, and states of one; got ",
                  c10::toString(tensor.scalar_type()), " beside ", c10::toString(type), "; use foreach=True");
      if (written) at::assert_no_internal_overlap(tensor);
    }
  };
  check(params, params[0].scalar_type(), true);
  check(grads, params[0].scalar_type(), present(shared.grad_scale));
  for (const TensorList& list : states) check(list, (states[0].empty() ? params : states[0])[0].scalar_type(), true);
  for (const OptionalTensor* tensor : {&shared.grad_scale, &shared.found_inf, &shared.lr})
    if (present(*tensor)) require_device(**tensor, params[0].device(), name);
}

void check_steps(const char* name, TensorList params, TensorList steps) {
  TORCH_CHECK(steps.size() == params.size(), "the fused ", name, " of lineshaft is given ", params.size(),
              " parameters and ", steps.size(), " step counts; each parameter takes one");
  for (const Tensor& step : steps)
    if (!step.is_cpu() || !steps[0].is_cpu()) require_device(step, params[0].device(), name);
}

struct AdamOptions {
  formulas::AdamRates rates;
  bool amsgrad, maximize, decoupled;
};

// Where the step counts are on the host, as PyTorch has them unless `capturable` or `fused` is asked for, so are the
// corrections: arguments, of one group where all counts are equal, else of each.
double count_of(const Tensor& step) {
  return step.scalar_type() == at::kFloat ? *step.const_data_ptr<float>() : step.item().toDouble();
}

bool equal_counts(TensorList steps) {
  return std::all_of(steps.begin(), steps.end(),
                     [first = count_of(steps[0])](const Tensor& step) { return count_of(step) == first; });
}

// From the step counts on the device, one pair a parameter, in `type`.
Tensor bias_corrections(TensorList steps, c10::ScalarType type, const AdamOptions& options,
                        const frontend::StepTensors& shared) {
  Tensor result = empty({static_cast<int64_t>(steps.size()), 2}, type, steps[0].device().index());
  std::vector<frontend::TensorRef> counts;
  counts.reserve(steps.size());
  for (const Tensor& step : steps) counts.push_back(number_of(step));
  frontend::record_adam_corrections(stream_of(result), counts, shared.lr, options.rates, view_of(result));
  return result;
}

void adam(TensorList params, TensorList grads, TensorList ms, TensorList vs, TensorList highest, TensorList steps,
          const AdamOptions& options, const Shared& shared) {
  if (params.empty()) return;
  check_lists("Adam", params, grads, shared, {ms, vs, options.amsgrad ? highest : vs});
  check_steps("Adam", params, steps);
  bool on_host = steps[0].is_cpu();
  TORCH_CHECK(!on_host || !present(shared.lr),
              "the fused Adam of lineshaft takes a learning rate in a tensor of the device with step counts that are "
              "there too; these are on ",
              steps[0].device());
  c10::ScalarType wide = params[0].scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
  frontend::StepTensors numbers = shared.tensors();
  Tensor corrections = on_host ? Tensor() : bias_corrections(steps, wide, options, numbers);
  TensorView correction = view_of(corrections);
  formulas::AdamStep step{.type = dtype_of(params[0].scalar_type()),
                          .state = dtype_of(ms[0].scalar_type()),
                          .host_counts = on_host,
                          .amsgrad = options.amsgrad,
                          .maximize = options.maximize,
                          .decay = options.rates.decay != 0,
                          .decoupled = options.decoupled,
                          .shared = frontend::step_inputs(numbers)};
  Each each(formulas::adam_program(step), params.size());
  for (size_t i = 0; i < params.size(); ++i) {
    if (params[i].numel() == 0) continue;
    each.begin({&params[i], &grads[i], &ms[i], &vs[i], options.amsgrad ? &highest[i] : &vs[i]});
    frontend::AdamTensors tensors{
        .param = ref_of(params[i]), .grad = ref_of(grads[i]), .m = ref_of(ms[i]), .v = ref_of(vs[i])};
    if (options.amsgrad) tensors.highest = ref_of(highest[i]);
    if (!on_host) {
      tensors.step_size = frontend::adam_correction(correction, static_cast<int64_t>(i), 0);
      tensors.root = frontend::adam_correction(correction, static_cast<int64_t>(i), 1);
    }
    frontend::add_adam(each, step, tensors, numbers);
    shared.count_grad(grads[i]);
  }
  size_t argument_groups = on_host && !equal_counts(steps) ? params.size() : 1;
  for (size_t i = 0; i < argument_groups; ++i) {
    if (argument_groups > 1 && params[i].numel() == 0) continue;
    frontend::add_arguments(each, formulas::adam_arguments(step, options.rates, on_host ? count_of(steps[i]) : 0));
  }
  each.record(stream_of(params[0]));
}

template <bool decoupled>
void fused_adam(TensorList params, TensorList grads, TensorList ms, TensorList vs, TensorList highest, TensorList steps,
                double lr, double beta1, double beta2, double weight_decay, double eps, bool amsgrad, bool maximize,
                const OptionalTensor& grad_scale, const OptionalTensor& found_inf) {
  adam(params, grads, ms, vs, highest, steps, {{lr, beta1, beta2, eps, weight_decay}, amsgrad, maximize, decoupled},
       {grad_scale, found_inf, std::nullopt});
}

template <bool decoupled>
void fused_adam_tensor_lr(TensorList params, TensorList grads, TensorList ms, TensorList vs, TensorList highest,
                          TensorList steps, const Tensor& lr, double beta1, double beta2, double weight_decay,
                          double eps, bool amsgrad, bool maximize, const OptionalTensor& grad_scale,
                          const OptionalTensor& found_inf) {
  if (lr.is_cpu())
    return fused_adam<decoupled>(params, grads, ms, vs, highest, steps, lr.item().toDouble(), beta1, beta2,
                                 weight_decay, eps, amsgrad, maximize, grad_scale, found_inf);
  adam(params, grads, ms, vs, highest, steps, {{0, beta1, beta2, eps, weight_decay}, amsgrad, maximize, decoupled},
       {grad_scale, found_inf, lr});
}

// --- SGD
// ---------------------------------------------------------------------------------------------------------------------------

struct SgdOptions {
  double weight_decay, momentum, lr, dampening;
  bool nesterov, maximize, first;
};

void sgd(TensorList params, TensorList grads, TensorList buffers, const SgdOptions& options, const Shared& shared) {
  if (params.empty()) return;
  bool momentum = options.momentum != 0;
  check_lists("SGD", params, grads, shared, {momentum ? buffers : params});
  TORCH_CHECK(!momentum || buffers[0].scalar_type() == params[0].scalar_type(),
              "the fused SGD of lineshaft takes parameters and momentum of one dtype; use foreach=True");
  frontend::StepTensors numbers = shared.tensors();
  formulas::SgdStep step{.type = dtype_of(params[0].scalar_type()),
                         .momentum = momentum,
                         .nesterov = options.nesterov,
                         .first = options.first,
                         .maximize = options.maximize,
                         .decay = options.weight_decay != 0,
                         .shared = frontend::step_inputs(numbers)};
  Each each(formulas::sgd_program(step));
  for (size_t i = 0; i < params.size(); ++i) {
    if (params[i].numel() == 0) continue;
    each.begin({&params[i], &grads[i], momentum ? &buffers[i] : &grads[i]});
    frontend::SgdTensors tensors{.param = ref_of(params[i]), .grad = ref_of(grads[i])};
    if (momentum) tensors.buffer = ref_of(buffers[i]);
    frontend::add_sgd(each, step, tensors, numbers);
    shared.count_grad(grads[i]);
  }
  frontend::add_arguments(
      each, formulas::sgd_arguments(step, options.lr, options.weight_decay, options.momentum, options.dampening));
  each.record(stream_of(params[0]));
}

void fused_sgd(TensorList params, TensorList grads, TensorList buffers, double weight_decay, double momentum, double lr,
               double dampening, bool nesterov, bool maximize, bool first, const OptionalTensor& grad_scale,
               const OptionalTensor& found_inf) {
  sgd(params, grads, buffers, {weight_decay, momentum, lr, dampening, nesterov, maximize, first},
      {grad_scale, found_inf, std::nullopt});
}

void fused_sgd_tensor_lr(TensorList params, TensorList grads, TensorList buffers, double weight_decay, double momentum,
                         const Tensor& lr, double dampening, bool nesterov, bool maximize, bool first,
                         const OptionalTensor& grad_scale, const OptionalTensor& found_inf) {
  Shared shared{grad_scale, found_inf, std::nullopt};
  double value = 0;
  if (lr.is_cpu())
    value = lr.item().toDouble();
  else
    shared.lr = lr;
  sgd(params, grads, buffers, {weight_decay, momentum, value, dampening, nesterov, maximize, first}, shared);
}

// --- Adagrad
// -------------------------------------------------------------------------------------------------------------------------

void fused_adagrad(TensorList params, TensorList grads, TensorList sums, TensorList steps, double lr, double lr_decay,
                   double weight_decay, double eps, bool maximize, const OptionalTensor& grad_scale,
                   const OptionalTensor& found_inf) {
  if (params.empty()) return;
  Shared shared{grad_scale, found_inf, std::nullopt};
  check_lists("Adagrad", params, grads, shared, {sums});
  check_steps("Adagrad", params, steps);
  TORCH_CHECK(sums[0].scalar_type() == params[0].scalar_type(),
              "the fused Adagrad of lineshaft takes parameters and sums of one dtype; use foreach=True");
  frontend::StepTensors numbers = shared.tensors();
  formulas::AdagradStep step{.type = dtype_of(params[0].scalar_type()),
                             .count = dtype_of(steps[0].scalar_type()),
                             .maximize = maximize,
                             .decay = weight_decay != 0,
                             .shared = frontend::step_inputs(numbers)};
  Each each(formulas::adagrad_program(step));
  for (size_t i = 0; i < params.size(); ++i) {
    if (params[i].numel() == 0) continue;
    each.begin({&params[i], &grads[i], &sums[i]});
    frontend::add_adagrad(
        each, step,
        {.param = ref_of(params[i]), .grad = ref_of(grads[i]), .sum = ref_of(sums[i]), .count = number_of(steps[i])},
        numbers);
    shared.count_grad(grads[i]);
  }
  frontend::add_arguments(each, formulas::adagrad_arguments(step, lr, lr_decay, eps, weight_decay));
  each.record(stream_of(params[0]));
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement<&fused_adam<false>>(m, "_fused_adam_");
  implement<&fused_adam_tensor_lr<false>>(m, "_fused_adam_.tensor_lr");
  implement<&fused_adam<true>>(m, "_fused_adamw_");
  implement<&fused_adam_tensor_lr<true>>(m, "_fused_adamw_.tensor_lr");
  implement<&fused_sgd>(m, "_fused_sgd_");
  implement<&fused_sgd_tensor_lr>(m, "_fused_sgd_.tensor_lr");
  implement<&fused_adagrad>(m, "_fused_adagrad_");
}

}  // namespace lineshaft::torch
