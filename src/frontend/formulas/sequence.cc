#include "lineshaft/frontend/formulas/sequence.h"

#include "lineshaft/program/program_cache.h"

namespace lineshaft::frontend::formulas {

ProgramRef zeros_program(DType type) {
  static ProgramCache cache;
  return cache.get(key_of(type), [&](ProgramBuilder& p) { p.output(p.constant(compute_type(type), 0.0), type); });
}

ProgramRef arange_program(DType type) {
  static ProgramCache cache;
  return cache.get(key_of(type), [&](ProgramBuilder& p) {
    DType compute = compute_type(type);
    Expr start = p.arg(compute), step = p.arg(compute);
    p.output(start + cast(p.linear(), compute) * step, type);
  });
}

ProgramRef linspace_program(DType type) {
  static ProgramCache cache;
  return cache.get(key_of(type), [&](ProgramBuilder& p) {
    DType compute = is_float(type) ? compute_type(type) : DType::kF32;
    Expr start = p.arg(compute), end = p.arg(compute), step = p.arg(compute), steps = p.arg(DType::kI64);
    Expr i = p.linear();
    Expr low = start + step * cast(i, compute), high = end - step * cast(steps - i - 1.0, compute);
    p.output(select(i < steps / 2.0, low, high), type);
  });
}

double linspace_step(double start, double end, int64_t steps) {
  return steps > 1 ? (end - start) / static_cast<double>(steps - 1) : 0;
}

std::array<Scalar, 4> linspace_arguments(double start, double end, int64_t steps) {
  return {Scalar::of(start), Scalar::of(steps == 1 ? start : end), Scalar::of(linspace_step(start, end, steps)),
          Scalar::of(steps)};
}

ProgramRef eye_program(DType type) {
  static ProgramCache cache;
  return cache.get(key_of(type), [&](ProgramBuilder& p) { p.output(p.index(0) == p.index(1), type); });
}

}  // namespace lineshaft::frontend::formulas
