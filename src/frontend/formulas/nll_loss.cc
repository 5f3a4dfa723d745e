#include "lineshaft/frontend/formulas/nll_loss.h"

#include "lineshaft/program/expression.h"
#include "lineshaft/program/program_cache.h"

namespace lineshaft::frontend::formulas {

ProgramRef nll_class_program(DType target) {
  static ProgramCache cache;
  return cache.get(key_of(target), [&](ProgramBuilder& p) {
    Expr t = cast(p.input(target), DType::kI64);
    p.output(select(t == p.arg(DType::kI64), 0.0, t), DType::kI64);
  });
}

ProgramRef nll_sample_program(NllPart part, DType target, DType type, bool weighted, DType result) {
  static ProgramCache cache;
  return cache.get(key_of(part, target, type, weighted, result), [&](ProgramBuilder& p) {
    Expr t = p.input(target), value = part == NllPart::kLoss ? -p.input(type) : p.constant(compute_type(type), 1.0);
    if (weighted) value = value * p.input(type);
    p.output(select(t == p.arg(compute_type(target)), 0.0, value), result);
  });
}

ProgramRef nll_mean_program(DType sum, DType result) {
  static ProgramCache cache;
  return cache.get(key_of(sum, result), [&](ProgramBuilder& p) {
    Expr losses = p.input(sum);
    p.output(losses / p.input(sum), result);
  });
}

ProgramRef nll_grad_program(DType target, DType type, bool weighted, bool mean, int axis) {
  static ProgramCache cache;
  return cache.get(key_of(target, type, weighted, mean, axis), [&](ProgramBuilder& p) {
    Expr t = p.input(target), value = -p.input(type);
    if (weighted) value = value * p.input(type);
    if (mean) value = value / p.input(type);
    Expr wide = cast(t, DType::kI64);
    Expr mine = (wide == p.index(axis)) & (wide != p.arg(DType::kI64));
    p.output(select(mine, value, 0.0), type);
  });
}

}  // namespace lineshaft::frontend::formulas
