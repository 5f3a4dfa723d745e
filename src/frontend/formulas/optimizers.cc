#include "lineshaft/frontend/formulas/optimizers.h"

#include <cmath>

#include "lineshaft/program/program_cache.h"

namespace lineshaft::frontend::formulas {
namespace {

uint64_t with_inputs(uint64_t key, const StepInputs& shared) {
  int lr = shared.lr ? static_cast<int>(*shared.lr) : 15;
  return key << 16 | key_of(shared.grad_scale, shared.found_inf, lr);
}

// The values of StepInputs, and what they do.
struct Shared {
  StepInputs inputs;
  Expr scale, found, lr;

  Shared(ProgramBuilder& p, const StepInputs& given) : inputs(given) {
    if (inputs.grad_scale) scale = p.input(DType::kF32);
    if (inputs.found_inf) found = p.input(DType::kF32);
    if (inputs.lr) lr = p.input(*inputs.lr);
  }
  // The next argument, where it is no input.
  Expr rate(ProgramBuilder& p, DType compute) const { return inputs.lr ? cast(lr, compute) : p.arg(compute); }
  Expr unscale(Expr gradient) const { return inputs.grad_scale ? gradient / cast(scale, gradient.type) : gradient; }
  // The new value, or the old one when a gradient was not finite.
  Expr guard(Expr now, Expr before) const { return inputs.found_inf ? select(found == 0.0, now, before) : now; }
};

}  // namespace

ProgramRef adam_program(const AdamStep& step) {
  static ProgramCache cache;
  uint64_t flags = step.amsgrad | step.maximize << 1 | step.decoupled << 2 | step.decay << 3;
  uint64_t key = with_inputs(key_of(step.type, step.state, flags, step.host_counts), step.shared);
  return cache.get(key, [&](ProgramBuilder& p) {
    DType type = step.type, state = step.state, compute = compute_type(type);
    Expr param = p.input(type), grad = p.input(type), m = p.input(state), v = p.input(state);
    Expr highest = step.amsgrad ? p.input(state) : v;
    auto correction = [&] { return step.host_counts ? p.arg(compute) : p.input(compute); };
    Expr step_size = correction(), root = correction();
    Shared shared(p, step.shared);
    // 1 - beta comes from the host: of a beta that was rounded it would have four digits.
    Expr rest1 = p.arg(compute), beta2 = p.arg(compute), rest2 = p.arg(compute), eps = p.arg(compute);
    Expr lr = shared.rate(p, compute);
    Expr g = shared.unscale(grad), x = param, unscaled = g;
    if (step.maximize) g = -g;
    if (step.decay && step.decoupled) x = x - lr * p.arg(compute) * x;
    if (step.decay && !step.decoupled) g = g + x * p.arg(compute);
    Expr new_m = m + rest1 * (g - m);
    Expr new_v = beta2 * v + rest2 * g * g;
    Expr new_highest = step.amsgrad ? max(highest, new_v) : new_v;
    Expr denominator = sqrt(new_highest) / root + eps;
    p.output(shared.guard(x - step_size * new_m / denominator, param), type);
    p.output(shared.guard(new_m, m), state);
    p.output(shared.guard(new_v, v), state);
    if (step.amsgrad) p.output(shared.guard(new_highest, highest), state);
    if (step.shared.grad_scale) p.output(unscaled, type);
  });
}

// The powers come of their logarithms, as 1 - beta^t has few digits while t is small.
ProgramRef adam_corrections_program(DType count, DType compute, std::optional<DType> lr_type) {
  static ProgramCache cache;
  int lr_part = lr_type ? static_cast<int>(*lr_type) : 15;
  return cache.get(key_of(lr_part, compute, count), [&](ProgramBuilder& p) {
    Expr t = cast(p.input(count), compute), log_beta1 = p.arg(compute), log_beta2 = p.arg(compute);
    Expr lr = lr_type ? cast(p.input(*lr_type), compute) : p.arg(compute);
    p.output(lr / -expm1(t * log_beta1), compute);
    p.output(sqrt(-expm1(t * log_beta2)), compute);
  });
}

AdamCorrections adam_corrections(double count, double lr, double beta1, double beta2) {
  return {lr / (1 - std::pow(beta1, count)), std::sqrt(1 - std::pow(beta2, count))};
}

StepArguments adam_arguments(const AdamStep& step, const AdamRates& rates, double count) {
  StepArguments arguments;
  if (step.host_counts) {
    AdamCorrections corrections = adam_corrections(count, rates.lr, rates.beta1, rates.beta2);
    arguments.push_back(corrections.step_size);
    arguments.push_back(corrections.root);
  }
  for (double value : {1 - rates.beta1, rates.beta2, 1 - rates.beta2, rates.eps}) arguments.push_back(value);
  if (!step.shared.lr) arguments.push_back(rates.lr);
  if (step.decay) arguments.push_back(rates.decay);
  return arguments;
}

StepArguments adam_corrections_arguments(std::optional<DType> lr, const AdamRates& rates) {
  StepArguments arguments;
  arguments.push_back(std::log(rates.beta1));
  arguments.push_back(std::log(rates.beta2));
  if (!lr) arguments.push_back(rates.lr);
  return arguments;
}

ProgramRef sgd_program(const SgdStep& step) {
  static ProgramCache cache;
  uint64_t flags = step.decay | step.momentum << 1 | step.nesterov << 2 | step.maximize << 3;
  uint64_t key = with_inputs(key_of(step.type, flags, step.first), step.shared);
  return cache.get(key, [&](ProgramBuilder& p) {
    DType type = step.type, compute = compute_type(type);
    Expr param = p.input(type), grad = p.input(type);
    Expr buffer = step.momentum ? p.input(type) : param;
    Shared shared(p, step.shared);
    Expr lr = shared.rate(p, compute);
    Expr g = shared.unscale(grad), unscaled = g;
    if (step.maximize) g = -g;
    if (step.decay) g = g + param * p.arg(compute);
    if (step.momentum) {
      Expr mu = p.arg(compute), kept = p.arg(compute);
      Expr moved = step.first ? g : mu * buffer + kept * g;
      p.output(shared.guard(param - lr * (step.nesterov ? g + mu * moved : moved), param), type);
      p.output(shared.guard(moved, buffer), type);
    } else {
      p.output(shared.guard(param - lr * g, param), type);
    }
    if (step.shared.grad_scale) p.output(unscaled, type);
  });
}

StepArguments sgd_arguments(const SgdStep& step, double lr, double decay, double momentum, double dampening) {
  StepArguments arguments;
  if (!step.shared.lr) arguments.push_back(lr);
  if (step.decay) arguments.push_back(decay);
  if (step.momentum) {
    arguments.push_back(momentum);
    arguments.push_back(1 - dampening);
  }
  return arguments;
}

ProgramRef adagrad_program(const AdagradStep& step) {
  static ProgramCache cache;
  uint64_t key = with_inputs(key_of(step.type, step.count, step.decay, step.maximize), step.shared);
  return cache.get(key, [&](ProgramBuilder& p) {
    DType type = step.type, compute = compute_type(type);
    Expr param = p.input(type), grad = p.input(type), sum = p.input(type), t = cast(p.input(step.count), compute);
    Shared shared(p, step.shared);
    Expr lr = shared.rate(p, compute), lr_decay = p.arg(compute), eps = p.arg(compute);
    Expr g = shared.unscale(grad), unscaled = g;
    if (step.maximize) g = -g;
    if (step.decay) g = g + param * p.arg(compute);
    Expr rate = lr / ((t - 1.0) * lr_decay + 1.0);
    Expr new_sum = sum + g * g;
    p.output(shared.guard(param - rate * g / (sqrt(new_sum) + eps), param), type);
    p.output(shared.guard(new_sum, sum), type);
    if (step.shared.grad_scale) p.output(unscaled, type);
  });
}

StepArguments adagrad_arguments(const AdagradStep& step, double lr, double lr_decay, double eps, double decay) {
  StepArguments arguments;
  if (!step.shared.lr) arguments.push_back(lr);
  arguments.push_back(lr_decay);
  arguments.push_back(eps);
  if (step.decay) arguments.push_back(decay);
  return arguments;
}

}  // namespace lineshaft::frontend::formulas
