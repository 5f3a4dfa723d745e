// One formula over lists of tensors, as the foreach operators of PyTorch have it (frontend/each.h).
#pragma once

#include <array>
#include <tuple>

#include "lineshaft/program/expression.h"
#include "lineshaft/program/program_cache.h"

namespace lineshaft::frontend::formulas {

// formula(inputs..., args...), which takes as many expressions. Inputs: of dtype `type`. Arguments: of
// compute_type(type). Output: of `type`.
template <auto formula, size_t inputs, size_t args = 0>
ProgramRef list_program(DType type) {
  static ProgramCache cache;
  return cache.get(key_of(type), [&](ProgramBuilder& p) {
    std::array<Expr, inputs + args> operands;
    for (size_t i = 0; i < operands.size(); ++i) operands[i] = i < inputs ? p.input(type) : p.arg(compute_type(type));
    p.output(std::apply(formula, operands), type);
  });
}

// formula(x, alpha y): what sums and differences with a factor are.
template <auto formula>
Expr with_factor(Expr x, Expr y, Expr alpha) {
  return formula(x, y * alpha);
}

}  // namespace lineshaft::frontend::formulas
