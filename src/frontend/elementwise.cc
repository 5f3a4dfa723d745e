#include "lineshaft/frontend/elementwise.h"

namespace lineshaft::frontend {

Expr load_operand(ProgramBuilder& p, DType storage, DType compute) {
  return convert(p.input(storage), storage, compute);
}

Expr load_number(ProgramBuilder& p, DType compute) {
  Expr value = p.arg(compute_type(compute));
  return is_float(compute) ? narrow(value, compute) : value;  // an integer has wrapped already
}

void store_result(ProgramBuilder& p, Expr value, DType result, DType storage) {
  if (result != storage) value = narrow(value, result);  // else the output itself rounds
  p.output(convert(value, result, storage), storage);
}

Expr ElementwiseOperand::load(ProgramBuilder& p, DType compute) const {
  DType taken = exact_ ? compute_type(compute) : compute;
  return code_ == kNumber ? load_number(p, taken) : load_operand(p, static_cast<DType>(code_), taken);
}

}  // namespace lineshaft::frontend
