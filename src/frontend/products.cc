#include "lineshaft/frontend/products.h"

#include "lineshaft/frontend/formulas/products.h"
#include "lineshaft/ops/reduce.h"
#include "lineshaft/program/expression.h"

namespace lineshaft::frontend {
namespace {

// One number of each pair of a long row and a long column.
bool are_long_dots(const TensorView& a, const TensorView& output) {
  constexpr int64_t kLong = 1024;
  int last = output.rank - 1;
  return output.sizes[last] == 1 && output.sizes[last - 1] == 1 && a.sizes[last] >= kLong && is_float(output.dtype);
}

// As a sum: a kernel for matrices adds the products one after the other, which loses digits with each.
void record_dots(Stream& stream, const TensorView& a, const TensorView& b, const TensorView& output) {
  DType sum = accumulate_type(a.dtype);
  int last = a.rank - 1;
  TensorView inputs[] = {a, axis_last(b, last - 1)};
  Reduce op;
  op.axes = static_cast<uint8_t>(1u << last);
  op.prologue = formulas::dot_program(a.dtype);
  op.inputs = inputs;
  op.output = output;
  if (a.dtype != sum) op.epilogue.program = cast_program(sum, a.dtype);
  stream.record(op);
}

}  // namespace

void record_product(Stream& stream, const TensorView& a, const TensorView& b, const TensorView& output,
                    const ProductTerms& terms) {
  if (!terms.addend && !terms.scaled && are_long_dots(a, output)) return record_dots(stream, a, b, output);
  Matmul op;
  op.a = a;
  op.b = b;
  op.output = output;
  const Scalar args[] = {terms.alpha, terms.beta};
  if (terms.addend || terms.scaled)
    op.epilogue.program = formulas::product_epilogue_program(a.dtype, terms.addend != nullptr, terms.scaled);
  if (terms.addend) op.epilogue.inputs = {terms.addend, 1};
  if (terms.scaled) op.epilogue.args = {args, terms.addend ? size_t{2} : size_t{1}};
  stream.record(op);
}

}  // namespace lineshaft::frontend
