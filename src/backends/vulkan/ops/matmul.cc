#include "ops/matmul.h"

#include "backends/vulkan/gemm.h"

namespace lineshaft::vulkan {

void run(Context& context, const Matmul& op) {
  if (op.output.numel() == 0) return;
  DType type = product_type(op.a.dtype);
  if (type == DType::kF64) context.require_f64("matmul");
  int rank = op.output.rank, row = rank - 2, column = rank - 1;
  int64_t m = op.output.sizes[row], n = op.output.sizes[column], k = op.a.sizes[column];
  int64_t batches = rank == 3 ? op.output.sizes[0] : 1;
  TensorView result =
      op.epilogue.program ? context.scratch(type, op.output.shape()) : context.dense_output(op.output, type);
  if (k == 0) {
    context.fill(result, 0);
    return context.finish(result, op.epilogue, op.output);
  }
  DType operand = operand_type(context, op.a.dtype);
  auto source = [&](const TensorView& view) { return view.dtype == operand ? view : context.dense(view, operand); };
  TensorView a = source(op.a), b = source(op.b);
  auto batch_stride = [&](const TensorView& view) { return rank == 3 && view.sizes[0] > 1 ? view.strides[0] : 0; };
  Packed rows = pack_rows(context, {.view = a,
                                    .k = k,
                                    .j = m,
                                    .batches = batches,
                                    .k_stride = a.strides[column],
                                    .j_stride = a.strides[row],
                                    .batch_stride = batch_stride(a)});
  Packed panels = pack_panels(context, {.view = b,
                                        .k = k,
                                        .j = n,
                                        .batches = batches,
                                        .k_stride = b.strides[row],
                                        .j_stride = b.strides[column],
                                        .batch_stride = batch_stride(b)});
  multiply(context, rows, panels, {.view = result, .row_stride = n, .batch_stride = m * n}, m, n, batches, false);
  context.finish(result, op.epilogue, op.output);
}

}  // namespace lineshaft::vulkan
