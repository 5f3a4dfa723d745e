#include "lineshaft/ops/matmul.h"

#include "backends/cpu/dnn/product.h"
#include "backends/cpu/dnn/staged_result.h"

namespace lineshaft::cpu {
namespace {

Matrices matrices(void* data, DType dtype, int rank, const int64_t* strides) {
  return {data, dtype, rank == 3 ? strides[0] : 0, strides[rank - 2], strides[rank - 1]};
}

}  // namespace

void run(Context& context, const Matmul& op) {
  if (op.output.numel() == 0) return;
  int rank = op.output.rank;
  StagedResult result(context, op.output, op.epilogue);
  Product product{.batch = rank == 3 ? op.output.sizes[0] : 1,
                  .m = op.output.sizes[rank - 2],
                  .n = op.output.sizes[rank - 1],
                  .k = op.a.sizes[rank - 1]};
  product.a = matrices(product.k ? context.data(op.a) : nullptr, op.a.dtype, rank, op.a.strides.data());
  product.b = matrices(product.k ? context.data(op.b) : nullptr, op.b.dtype, rank, op.b.strides.data());
  product.c = matrices(result.memory().data, result.dtype(), rank, result.memory().strides.data());
  multiply(context, product);
  result.finish();
}

}  // namespace lineshaft::cpu
