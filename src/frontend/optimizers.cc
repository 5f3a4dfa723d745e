#include "lineshaft/frontend/optimizers.h"

#include "lineshaft/base/error.h"

namespace lineshaft::frontend {
namespace {

// The one element, without axes.
TensorView number(const TensorRef& tensor) {
  LS_REQUIRE(tensor.numel() == 1, "a number that a step shares has ", tensor.numel(), " elements; it takes 1");
  return {tensor.buffer, tensor.offset, tensor.dtype};
}

void add_inputs(Each& each, const formulas::StepInputs& inputs, const StepTensors& shared) {
  if (inputs.grad_scale) each.input(number(shared.grad_scale));
  if (inputs.found_inf) each.input(number(shared.found_inf));
  if (inputs.lr) each.input(number(shared.lr));
}

// A gradient that is scaled is written back unscaled, as the last output.
void add_unscaled(Each& each, const formulas::StepInputs& inputs, const TensorRef& grad) {
  if (inputs.grad_scale) each.output(grad);
}

std::optional<DType> dtype_of(const TensorRef& tensor) {
  return tensor.buffer ? std::optional(tensor.dtype) : std::nullopt;
}

}  // namespace

formulas::StepInputs step_inputs(const StepTensors& shared) {
  return {static_cast<bool>(shared.grad_scale.buffer), static_cast<bool>(shared.found_inf.buffer), dtype_of(shared.lr)};
}

void add_adam(Each& each, const formulas::AdamStep& step, const AdamTensors& tensors, const StepTensors& shared) {
  each.input(tensors.param);
  each.input(tensors.grad);
  each.input(tensors.m);
  each.input(tensors.v);
  if (step.amsgrad) each.input(tensors.highest);
  if (!step.host_counts) {
    each.input(tensors.step_size);
    each.input(tensors.root);
  }
  add_inputs(each, step.shared, shared);
  each.output(tensors.param);
  each.output(tensors.m);
  each.output(tensors.v);
  if (step.amsgrad) each.output(tensors.highest);
  add_unscaled(each, step.shared, tensors.grad);
}

TensorView adam_correction(const TensorView& corrections, int64_t parameter, int which) {
  int64_t element = parameter * 2 + which;
  return {corrections.buffer, corrections.offset + element * size_of(corrections.dtype), corrections.dtype};
}

void record_adam_corrections(Stream& stream, List<TensorRef> counts, const TensorRef& lr,
                             const formulas::AdamRates& rates, const TensorView& corrections) {
  if (counts.empty()) return;
  std::optional<DType> lr_type = dtype_of(lr);
  Each each(formulas::adam_corrections_program(counts[0].dtype, corrections.dtype, lr_type), counts.size());
  constexpr int64_t kOne[] = {1};
  for (size_t i = 0; i < counts.size(); ++i) {
    each.input(number(counts[i]));
    if (lr_type) each.input(number(lr));
    for (int which : {0, 1}) {
      TensorView element = adam_correction(corrections, static_cast<int64_t>(i), which);
      each.output(TensorRef{element.buffer, element.offset, element.dtype, kOne, kOne});
    }
  }
  add_arguments(each, formulas::adam_corrections_arguments(lr_type, rates));
  each.record(stream);
}

void add_sgd(Each& each, const formulas::SgdStep& step, const SgdTensors& tensors, const StepTensors& shared) {
  each.input(tensors.param);
  each.input(tensors.grad);
  if (step.momentum) each.input(tensors.buffer);
  add_inputs(each, step.shared, shared);
  each.output(tensors.param);
  if (step.momentum) each.output(tensors.buffer);
  add_unscaled(each, step.shared, tensors.grad);
}

void add_adagrad(Each& each, const formulas::AdagradStep& step, const AdagradTensors& tensors,
                 const StepTensors& shared) {
  each.input(tensors.param);
  each.input(tensors.grad);
  each.input(tensors.sum);
  each.input(number(tensors.count));
  add_inputs(each, step.shared, shared);
  each.output(tensors.param);
  each.output(tensors.sum);
  add_unscaled(each, step.shared, tensors.grad);
}

void add_arguments(Each& each, const formulas::StepArguments& arguments) {
  for (double value : arguments) each.arg(value);
}

}  // namespace lineshaft::frontend
