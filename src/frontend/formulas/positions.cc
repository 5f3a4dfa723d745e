#include "lineshaft/frontend/formulas/positions.h"

#include "lineshaft/program/expression.h"
#include "lineshaft/program/program_cache.h"

namespace lineshaft::frontend::formulas {
namespace {

struct Coordinate {
  Expr stride, size;
  explicit Coordinate(ProgramBuilder& p) : stride(p.arg(DType::kI64)), size(p.arg(DType::kI64)) {}
  Expr of(Expr position) const { return rem(position / stride, size); }
};

}  // namespace

ProgramRef coordinate_program() {
  static ProgramCache cache;
  return cache.get(1, [](ProgramBuilder& p) {
    Expr position = p.input(DType::kI64);
    p.output(Coordinate(p).of(position), DType::kI64);
  });
}

ProgramRef coordinate_or_fill_program() {
  static ProgramCache cache;
  return cache.get(1, [](ProgramBuilder& p) {
    Expr position = p.input(DType::kI64), count = p.input(DType::kI64);
    Coordinate coordinate(p);
    Expr fill = p.arg(DType::kI64);
    p.output(select(p.index(0) < count, coordinate.of(position), fill), DType::kI64);
  });
}

ProgramRef pad_position_program(PadMode mode) {
  static ProgramCache cache;
  return cache.get(key_of(mode), [&](ProgramBuilder& p) {
    Expr before = p.arg(DType::kI64), last = p.arg(DType::kI64), x = p.index(0) - before;
    if (mode == PadMode::kReflect)
      x = select(x > last, last + last - x, abs(x));
    else
      x = min(max(x, 0.0), last);
    p.output(x, DType::kI64);
  });
}

}  // namespace lineshaft::frontend::formulas
