#include "lineshaft/frontend/formulas/selection.h"

#include "lineshaft/frontend/elementwise.h"
#include "lineshaft/program/expression.h"
#include "lineshaft/program/program_cache.h"

namespace lineshaft::frontend::formulas {
namespace {

Expr load_mask(ProgramBuilder& p, DType type) {
  Expr mask = p.input(type);
  return type == DType::kBool ? mask : mask != 0.0;
}

}  // namespace

ProgramRef convert_program(DType from, DType to, bool negate) {
  static ProgramCache cache;
  return cache.get(key_of(from, to, negate), [&](ProgramBuilder& p) {
    Expr value = p.input(from);
    if (negate) value = -value;
    p.output(convert(value, from, to), to);
  });
}

ProgramRef fill_program(DType type) {
  static ProgramCache cache;
  return cache.get(key_of(type), [&](ProgramBuilder& p) { p.output(p.arg(compute_type(type)), type); });
}

ProgramRef where_program(DType condition, DType x, DType y, DType result) {
  static ProgramCache cache;
  return cache.get(key_of(condition, x, y, result), [&](ProgramBuilder& p) {
    Expr c = load_mask(p, condition), then = p.input(x), otherwise = p.input(y);
    p.output(select(c, convert(then, x, result), convert(otherwise, y, result)), result);
  });
}

ProgramRef masked_fill_program(DType mask, DType type) {
  static ProgramCache cache;
  return cache.get(key_of(mask, type), [&](ProgramBuilder& p) {
    Expr x = p.input(type), m = load_mask(p, mask);
    p.output(select(m, p.arg(compute_type(type)), x), type);
  });
}

ProgramRef masked_fill_from_program(DType mask, DType type, DType value) {
  static ProgramCache cache;
  return cache.get(key_of(mask, type, value), [&](ProgramBuilder& p) {
    Expr x = p.input(type), m = load_mask(p, mask);
    p.output(select(m, load_operand(p, value, type), x), type);
  });
}

ProgramRef triangle_program(DType type, bool lower, int rank) {
  static ProgramCache cache;
  return cache.get(key_of(type, lower, rank), [&](ProgramBuilder& p) {
    Expr x = p.input(type), row = p.index(rank - 2), column = p.index(rank - 1), diagonal = p.arg(DType::kI64);
    Expr distance = column - row;
    Expr inside = lower ? distance <= diagonal : diagonal <= distance;
    p.output(select(inside, x, 0.0), type);
  });
}

}  // namespace lineshaft::frontend::formulas
