// The fused optimizers, and gradient scaling's check: each is one command over all parameters, after a small one over
// their step counts.
#include <ATen/MemoryOverlap.h>

#include <algorithm>

#include "csrc/core/kernel.h"
#include "csrc/ops/each.h"
#include <lineshaft/frontend/formulas/optimizers.h>

namespace lineshaft::torch {
namespace {

using at::Tensor;
using at::TensorList;
namespace formulas = frontend::formulas;

Tensor scalar_of(const Tensor& tensor) {
  return tensor.reshape({});
}

// What a step has beside the parameters' own tensors: gradient scaling and a learning rate in a tensor.
struct Shared {
  OptionalTensor grad_scale, found_inf, lr;
  std::optional<DType> lr_type() const {
    return present(lr) ? std::optional(dtype_of(lr->scalar_type())) : std::nullopt;
  }
  formulas::StepInputs inputs() const { return {present(grad_scale), present(found_inf), lr_type()}; }
  void feed(Each& each) const {
    for (const OptionalTensor* tensor : {&grad_scale, &found_inf, &lr})
      if (present(*tensor)) each.input(scalar_of(**tensor));
  }
  // A gradient that is scaled is written back unscaled.
  void store(Each& each, const Tensor& grad) const {
    if (!present(grad_scale)) return;
    each.output(grad);
    count_version(grad);
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

void add_arguments(Each& each, const formulas::StepArguments& arguments) {
  for (double value : arguments) each.arg(value);
}

bool equal_counts(TensorList steps) {
  return std::all_of(steps.begin(), steps.end(),
                     [first = count_of(steps[0])](const Tensor& step) { return count_of(step) == first; });
}

// From the step counts on the device, one pair a parameter, in `type`.
Tensor bias_corrections(TensorList steps, c10::ScalarType type, const AdamOptions& options, const Shared& shared) {
  bool lr_tensor = present(shared.lr);
  Tensor result = empty({static_cast<int64_t>(steps.size()), 2}, type, steps[0].device().index());
  Each each(formulas::adam_corrections_program(dtype_of(steps[0].scalar_type()), dtype_of(type), shared.lr_type()));
  for (size_t i = 0; i < steps.size(); ++i) {
    each.input(scalar_of(steps[i]));
    if (lr_tensor) each.input(scalar_of(*shared.lr));
    Tensor row = result.select(0, static_cast<int64_t>(i));
    each.output(row.narrow(0, 0, 1));
    each.output(row.narrow(0, 1, 1));
  }
  add_arguments(each, formulas::adam_corrections_arguments(shared.lr_type(), options.rates));
  each.record(stream_of(result));
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
  Tensor corrections = on_host ? Tensor() : bias_corrections(steps, wide, options, shared);
  TensorView correction = view_of(corrections);
  formulas::AdamStep step{.type = dtype_of(params[0].scalar_type()),
                          .state = dtype_of(ms[0].scalar_type()),
                          .host_counts = on_host,
                          .amsgrad = options.amsgrad,
                          .maximize = options.maximize,
                          .decay = options.rates.decay != 0,
                          .decoupled = options.decoupled,
                          .shared = shared.inputs()};
  Each each(formulas::adam_program(step), params.size());
  for (size_t i = 0; i < params.size(); ++i) {
    if (params[i].numel() == 0) continue;
    each.begin({&params[i], &grads[i], &ms[i], &vs[i], options.amsgrad ? &highest[i] : &vs[i]});
    each.input(params[i]);
    each.input(grads[i]);
    each.input(ms[i]);
    each.input(vs[i]);
    if (options.amsgrad) each.input(highest[i]);
    for (int k = 0; k < 2 && !on_host; ++k) {
      auto number = static_cast<int64_t>(i * 2 + k);
      each.input(
          TensorView{correction.buffer, correction.offset + number * size_of(correction.dtype), correction.dtype});
    }
    shared.feed(each);
    each.output(params[i]);
    each.output(ms[i]);
    each.output(vs[i]);
    if (options.amsgrad) each.output(highest[i]);
    shared.store(each, grads[i]);
  }
  size_t argument_groups = on_host && !equal_counts(steps) ? params.size() : 1;
  for (size_t i = 0; i < argument_groups; ++i) {
    if (argument_groups > 1 && params[i].numel() == 0) continue;
    add_arguments(each, formulas::adam_arguments(step, options.rates, on_host ? count_of(steps[i]) : 0));
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
  formulas::SgdStep step{.type = dtype_of(params[0].scalar_type()),
                         .momentum = momentum,
                         .nesterov = options.nesterov,
                         .first = options.first,
                         .maximize = options.maximize,
                         .decay = options.weight_decay != 0,
                         .shared = shared.inputs()};
  Each each(formulas::sgd_program(step));
  for (size_t i = 0; i < params.size(); ++i) {
    if (params[i].numel() == 0) continue;
    each.begin({&params[i], &grads[i], momentum ? &buffers[i] : &grads[i]});
    each.input(params[i]);
    each.input(grads[i]);
    if (momentum) each.input(buffers[i]);
    shared.feed(each);
    each.output(params[i]);
    if (momentum) each.output(buffers[i]);
    shared.store(each, grads[i]);
  }
  add_arguments(each,
                formulas::sgd_arguments(step, options.lr, options.weight_decay, options.momentum, options.dampening));
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
  formulas::AdagradStep step{.type = dtype_of(params[0].scalar_type()),
                             .count = dtype_of(steps[0].scalar_type()),
                             .maximize = maximize,
                             .decay = weight_decay != 0,
                             .shared = shared.inputs()};
  Each each(formulas::adagrad_program(step));
  for (size_t i = 0; i < params.size(); ++i) {
    if (params[i].numel() == 0) continue;
    each.begin({&params[i], &grads[i], &sums[i]});
    each.input(params[i]);
    each.input(grads[i]);
    each.input(sums[i]);
    each.input(scalar_of(steps[i]));
    shared.feed(each);
    each.output(params[i]);
    each.output(sums[i]);
    shared.store(each, grads[i]);
  }
  add_arguments(each, formulas::adagrad_arguments(step, lr, lr_decay, eps, weight_decay));
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
