#include "lineshaft/frontend/nll_loss.h"

#include "lineshaft/frontend/formulas/nll_loss.h"
#include "lineshaft/frontend/indexing.h"
#include "lineshaft/frontend/map.h"
#include "lineshaft/frontend/reduction.h"
#include "lineshaft/program/expression.h"

namespace lineshaft::frontend {
namespace {

using formulas::NllPart;

TensorRef nll_ref(const TensorView& view) {
  return {view.buffer, view.offset, view.dtype, view.shape(), {view.strides.data(), view.rank}};
}

// The sum over all samples, divided by `divisor` where there is one.
void record_nll_sum(Stream& stream, NllPart part, const NllSamples& samples, int64_t ignored, const TensorView& result,
                    const TensorView& divisor) {
  bool weighted = static_cast<bool>(samples.weights);
  DType type = samples.scores.dtype, sum = compute_type(type);
  InlineVector<TensorView, 3> inputs;
  inputs.push_back(samples.target);
  if (part == NllPart::kLoss) inputs.push_back(samples.scores);
  if (weighted) inputs.push_back(samples.weights);
  Reduction reduction(samples.target);
  Scalar args[] = {Scalar::of(ignored)};
  TensorView by = reduction.output(divisor);
  Reduce op;
  op.kind = ReduceKind::kSum;
  op.prologue = formulas::nll_sample_program(part, samples.target.dtype, type, weighted, sum);
  op.inputs = {inputs.data(), inputs.size()};
  op.args = args;
  op.output = reduction.output(result);
  op.epilogue.program = divisor ? formulas::nll_mean_program(sum, result.dtype) : cast_program(sum, result.dtype);
  if (divisor) op.epilogue.inputs = {&by, 1};
  reduction.record(stream, op);
}

}  // namespace

void record_nll_classes(Stream& stream, const TensorView& target, int64_t ignored, const TensorView& classes) {
  TensorRef outputs[] = {nll_ref(classes)}, inputs[] = {nll_ref(target)};
  Scalar args[] = {Scalar::of(ignored)};
  record_map(stream, formulas::nll_class_program(target.dtype), outputs, inputs, args);
}

void record_nll_picked(Stream& stream, const TensorView& values, int axis, const TensorView& classes,
                       const TensorView& picked) {
  IndexedSpace indexed =
      values.rank == 1 ? index_neighbours(values, 0, {&classes, 1}) : index_one(values, axis, classes);
  indexed.gather_into(stream, picked);
}

void record_nll_loss(Stream& stream, const NllSamples& samples, int64_t ignored, bool mean, const TensorView& loss,
                     const TensorView& total, const TensorView& rounded_total) {
  record_nll_sum(stream, NllPart::kWeight, samples, ignored, total, {});
  if (rounded_total) record_nll_sum(stream, NllPart::kWeight, samples, ignored, rounded_total, {});
  record_nll_sum(stream, NllPart::kLoss, samples, ignored, loss, mean ? total : TensorView{});
}

}  // namespace lineshaft::frontend
