// Steps of optimizers over all parameters of a model: how the programs of formulas/optimizers.h take a parameter's
// tensors.
//
//   Each each(formulas::sgd_program(step), parameters);
//   for each parameter: add_sgd(each, step, {parameter, gradient, buffer}, shared);
//   add_arguments(each, formulas::sgd_arguments(step, lr, decay, momentum, dampening));
//   each.record(stream);
//
// The tensors of a parameter have one shape and the dtypes that the program names. Where they need not be dense or lie
// alike in memory, each.begin comes before them. Outputs are written in place.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/frontend/each.h"
#include "lineshaft/frontend/formulas/optimizers.h"

namespace lineshaft::frontend {

// What all parameters share: tensors of one element, each absent where the step does not take it.
struct StepTensors {
  TensorRef grad_scale;  // f32
  TensorRef found_inf;   // f32
  TensorRef lr;
};
// Which of them there are.
LINESHAFT_EXPORT formulas::StepInputs step_inputs(const StepTensors& shared);

struct AdamTensors {
  TensorRef param;
  TensorRef grad;              // written with a grad_scale
  TensorRef m, v;              // of the step's dtype `state`
  TensorRef highest;           // with amsgrad; else it does not count
  TensorView step_size, root;  // of one element, without host_counts; else they do not count
};
// One group of adam_program(step).
LINESHAFT_EXPORT void add_adam(Each& each, const formulas::AdamStep& step, const AdamTensors& tensors,
                               const StepTensors& shared);

// Records step_size and root of each parameter into the rows of `corrections`, [parameters, 2], dense, of f32 or f64,
// which is the compute type of the parameters. `counts` are step counts of one element and of one dtype; `lr` is
// a tensor of one element, or absent: then it is rates.lr.
LINESHAFT_EXPORT void record_adam_corrections(Stream& stream, List<TensorRef> counts, const TensorRef& lr,
                                              const formulas::AdamRates& rates, const TensorView& corrections);
// Element (parameter, which) of them, without axes: 0 is step_size, 1 is root.
LINESHAFT_EXPORT TensorView adam_correction(const TensorView& corrections, int64_t parameter, int which);

struct SgdTensors {
  TensorRef param;
  TensorRef grad;    // written with a grad_scale
  TensorRef buffer;  // with momentum; else it does not count
};
// One group of sgd_program(step).
LINESHAFT_EXPORT void add_sgd(Each& each, const formulas::SgdStep& step, const SgdTensors& tensors,
                              const StepTensors& shared);

struct AdagradTensors {
  TensorRef param;
  TensorRef grad;  // written with a grad_scale
  TensorRef sum;
  TensorRef count;  // the step count, of one element
};
// One group of adagrad_program(step).
LINESHAFT_EXPORT void add_adagrad(Each& each, const formulas::AdagradStep& step, const AdagradTensors& tensors,
                                  const StepTensors& shared);

// The arguments: once, for all groups, or once for each group.
LINESHAFT_EXPORT void add_arguments(Each& each, const formulas::StepArguments& arguments);

}  // namespace lineshaft::frontend
