// Steps of optimizers as programs: each is one command over all parameters of a model (frontend/each.h).
//
// A program's structure depends on which inputs and terms exist. Rates and decays are run-time arguments, so that no
// program is built again when they change. The definitions are those of torch.optim.
#pragma once

#include <optional>

#include "lineshaft/base/export.h"
#include "lineshaft/base/inline_vector.h"
#include "lineshaft/program/program.h"

namespace lineshaft::frontend::formulas {

// Optional inputs of a step: tensors of one element, which follow all other inputs in this order.
struct StepInputs {
  bool grad_scale = false;  // f32: gradients are divided by it. The divided gradient is the program's last output
  bool found_inf = false;   // f32: where it is not 0, parameters and states are not changed
  std::optional<DType> lr;  // the dtype of the learning rate; without a value, the rate is an argument
};

// Adam (Kingma and Ba, 2014), and AdamW (Loshchilov and Hutter, 2017) where the decay is decoupled:
//
//   decoupled: x = param - lr decay param;   else: x = param, grad = grad + decay param
//   m = m + (1 - beta1) (grad - m)
//   v = beta2 v + (1 - beta2) grad^2
//   param = x - step_size m / (sqrt(v) / root + eps)
//
// step_size = lr / (1 - beta1^t) and root = sqrt(1 - beta2^t) correct the bias of step t, which counts from 1.
struct AdamStep {
  DType type = DType::kF32;   // of parameters and gradients, a float
  DType state = DType::kF32;  // of m, v and the highest v, a float
  bool host_counts = false;   // step_size and root are arguments from the host; else inputs of one element
  bool amsgrad = false;       // the last line uses the highest v so far in place of v (Reddi et al., 2018)
  bool maximize = false;      // the gradient is negated first
  bool decay = false;
  bool decoupled = false;
  StepInputs shared;
};
// Inputs: param, grad of `type`; m, v of `state`; with amsgrad the highest v, of `state`; without host_counts
// step_size, root of compute_type(type); then `shared`. Arguments, all of compute_type(type): with host_counts
// step_size, root; 1 - beta1, beta2, 1 - beta2, eps; lr where it is no input; with decay the decay. Outputs: param of
// `type`; m, v, and with amsgrad the highest v, of `state`; with grad_scale the gradient, unscaled, of `type`.
LINESHAFT_EXPORT ProgramRef adam_program(const AdamStep& step);

// step_size and root, computed from a step count on the device. Inputs, of one element: the step count t, of dtype
// `count`; the learning rate, of dtype `lr`, where that is given. Arguments, all of `compute`, f32 or f64: log(beta1),
// log(beta2); lr where it is no input. Outputs: step_size, root of `compute`.
LINESHAFT_EXPORT ProgramRef adam_corrections_program(DType count, DType compute, std::optional<DType> lr);

// The same, computed on the host.
struct AdamCorrections {
  double step_size = 0, root = 0;
};
LINESHAFT_EXPORT AdamCorrections adam_corrections(double count, double lr, double beta1, double beta2);

// The hyperparameters of Adam. `lr` is ignored where the learning rate is an input.
struct AdamRates {
  double lr = 0, beta1 = 0, beta2 = 0, eps = 0, decay = 0;
};
using StepArguments = InlineVector<double, 8>;
// The arguments of adam_program for step number `count`, which is ignored without host_counts; and the arguments of
// adam_corrections_program.
LINESHAFT_EXPORT StepArguments adam_arguments(const AdamStep& step, const AdamRates& rates, double count);
LINESHAFT_EXPORT StepArguments adam_corrections_arguments(std::optional<DType> lr, const AdamRates& rates);

// Gradient descent with momentum:
//
//   grad = grad + decay param
//   buffer = momentum buffer + (1 - dampening) grad;   first: buffer = grad
//   param = param - lr buffer;   nesterov: param = param - lr (grad + momentum buffer)
struct SgdStep {
  DType type = DType::kF32;  // of all tensors, a float
  bool momentum = false;     // if false, there is no buffer, and the last line uses grad in its place
  bool nesterov = false;
  bool first = false;     // the buffer has no value yet
  bool maximize = false;  // the gradient is negated first
  bool decay = false;
  StepInputs shared;
};
// Inputs: param, grad of `type`; with momentum the buffer, of `type`; then `shared`. Arguments, all of
// compute_type(type): lr where it is no input; with decay the decay; with momentum the momentum, 1 - dampening.
// Outputs: param, with momentum the buffer, with grad_scale the gradient, unscaled; all of `type`.
LINESHAFT_EXPORT ProgramRef sgd_program(const SgdStep& step);
// The arguments of sgd_program. `lr` is ignored where the learning rate is an input.
LINESHAFT_EXPORT StepArguments sgd_arguments(const SgdStep& step, double lr, double decay, double momentum,
                                             double dampening);

// Adagrad (Duchi, Hazan and Singer, 2011):
//
//   grad = grad + decay param
//   sum = sum + grad^2
//   param = param - lr / (1 + (t - 1) lr_decay) grad / (sqrt(sum) + eps)
struct AdagradStep {
  DType type = DType::kF32;   // of parameters, gradients and sums, a float
  DType count = DType::kF32;  // of the step count t
  bool maximize = false;      // the gradient is negated first
  bool decay = false;
  StepInputs shared;
};
// Inputs: param, grad, sum of `type`; t of `count`, of one element; then `shared`. Arguments, all of
// compute_type(type): lr where it is no input; lr_decay, eps; with decay the decay. Outputs: param, sum, with
// grad_scale the gradient, unscaled; all of `type`.
LINESHAFT_EXPORT ProgramRef adagrad_program(const AdagradStep& step);
// The arguments of adagrad_program. `lr` is ignored where the learning rate is an input.
LINESHAFT_EXPORT StepArguments adagrad_arguments(const AdagradStep& step, double lr, double lr_decay, double eps,
                                                 double decay);

}  // namespace lineshaft::frontend::formulas
