#include "lineshaft/frontend/formulas/amp.h"

#include "lineshaft/program/program_cache.h"

namespace lineshaft::frontend::formulas {

Expr is_finite(Expr x) {
  return (x - x) == 0.0;
}

ProgramRef non_finite_program(DType type) {
  static ProgramCache cache;
  return cache.get(key_of(type), [&](ProgramBuilder& p) {
    Expr zero = p.constant(DType::kF32, 0.0);
    p.output(select(is_finite(p.input(type)), zero, literal_like(zero, 1.0)), DType::kF32);
  });
}

ProgramRef unscale_program(DType type) {
  static ProgramCache cache;
  return cache.get(key_of(type), [&](ProgramBuilder& p) {
    Expr gradient = p.input(type), factor = p.input(DType::kF32);
    p.output(gradient * cast(factor, gradient.type), type);
  });
}

ProgramRef update_scale_program() {
  static ProgramCache cache;
  return cache.get(key_of(1), [](ProgramBuilder& p) {
    Expr scale = p.input(DType::kF32), tracker = p.input(DType::kI32), found = p.input(DType::kF32);
    Expr growth = p.arg(DType::kF32), backoff = p.arg(DType::kF32), interval = p.arg(DType::kI32);
    Expr bad = found > 0.0;
    Expr steps = tracker + 1.0;
    Expr due = steps == interval;
    Expr grown = scale * growth;
    Expr larger = select(due & is_finite(grown), grown, scale);
    p.output(select(bad, scale * backoff, larger), DType::kF32);
    p.output(select(bad | due, literal_like(steps, 0.0), steps), DType::kI32);
  });
}

}  // namespace lineshaft::frontend::formulas
