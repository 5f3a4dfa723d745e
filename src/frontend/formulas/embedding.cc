#include "lineshaft/frontend/formulas/embedding.h"

#include "lineshaft/program/expression.h"
#include "lineshaft/program/program_cache.h"

namespace lineshaft::frontend::formulas {

ProgramRef padded_row_grad_program(DType type, DType index) {
  static ProgramCache cache;
  return cache.get(key_of(type, index), [&](ProgramBuilder& p) {
    Expr grad = p.input(type), padded = p.input(index) == p.arg(compute_type(index));
    p.output(select(padded, 0.0, grad), type);
  });
}

ProgramRef row_frequency_grad_program(DType type) {
  static ProgramCache cache;
  return cache.get(key_of(type), [&](ProgramBuilder& p) {
    Expr grad = p.input(type), count = max(p.input(DType::kF32), 1.0);
    p.output(grad / cast(count, grad.type), type);
  });
}

}  // namespace lineshaft::frontend::formulas
