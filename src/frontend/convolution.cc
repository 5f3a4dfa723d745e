#include "lineshaft/frontend/convolution.h"

#include "lineshaft/frontend/formulas/products.h"
#include "lineshaft/frontend/spatial.h"
#include "lineshaft/ops/conv_grad_input.h"
#include "lineshaft/ops/conv_grad_weight.h"
#include "lineshaft/ops/reduce.h"

namespace lineshaft::frontend {

void record_convolution(Stream& stream, const TensorView& input, const TensorView& weight, const TensorView& output,
                        const ConvGeometry& geometry, bool transposed, const TensorView& bias) {
  Epilogue epilogue;
  TensorView bias_view;
  if (bias) {
    bias_view = broadcast_channels(bias, output);
    epilogue.program = formulas::bias_program(output.dtype, bias_view.dtype);
    epilogue.inputs = {&bias_view, 1};
  }
  if (transposed)
    stream.record(ConvGradInput{input, weight, output, geometry, epilogue});
  else
    stream.record(Conv{input, weight, output, geometry, epilogue});
}

void record_convolution_grad_input(Stream& stream, const TensorView& grad_output, const TensorView& weight,
                                   const TensorView& grad_input, const ConvGeometry& geometry, bool transposed) {
  record_convolution(stream, grad_output, weight, grad_input, geometry, !transposed);
}

void record_convolution_grad_weight(Stream& stream, const TensorView& input, const TensorView& grad_output,
                                    const TensorView& grad_weight, const ConvGeometry& geometry, bool transposed) {
  const TensorView& large = transposed ? grad_output : input;
  const TensorView& small = transposed ? input : grad_output;
  stream.record(ConvGradWeight{large, small, grad_weight, geometry});
}

void record_channel_sum(Stream& stream, const TensorView& tensor, const TensorView& sum, int axis) {
  Reduce op;
  op.kind = ReduceKind::kSum;
  op.axes = all_but_channels(tensor.rank, axis);
  op.inputs = {&tensor, 1};
  op.output = reduced_channels(sum, tensor.rank, axis);
  stream.record(op);
}

}  // namespace lineshaft::frontend
