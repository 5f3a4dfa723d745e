#include "lineshaft/frontend/losses.h"

#include "lineshaft/base/error.h"
#include "lineshaft/frontend/formulas/reductions.h"
#include "lineshaft/frontend/reduction.h"

namespace lineshaft::frontend {

void record_loss(Stream& stream, ProgramRef elements, List<TensorView> inputs, List<Scalar> args, bool mean,
                 const TensorView& loss) {
  LS_REQUIRE(elements && !inputs.empty(), "a loss takes a program and one input at least");
  Reduction reduction(inputs[0]);
  Reduce op;
  op.kind = ReduceKind::kSum;
  op.prologue = elements;
  op.inputs = inputs;
  op.args = args;
  op.output = reduction.output(loss);
  Scalar divisor[] = {Scalar::of(mean ? static_cast<double>(reduction.count()) : 1.0)};
  op.epilogue.program = formulas::mean_program(elements->outputs[0], loss.dtype);
  op.epilogue.args = divisor;
  reduction.record(stream, op);
}

}  // namespace lineshaft::frontend
