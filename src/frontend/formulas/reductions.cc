#include "lineshaft/frontend/formulas/reductions.h"

#include <cmath>

#include "lineshaft/program/expression.h"
#include "lineshaft/program/program_cache.h"

namespace lineshaft::frontend::formulas {

ProgramRef reduced_values_program(DType from, DType to, bool nan_to_zero) {
  if (from == to && !nan_to_zero) return nullptr;
  if (is_float(from) == is_float(to) && compute_type(from) == compute_type(to) && !nan_to_zero) return nullptr;
  static ProgramCache cache;
  return cache.get(key_of(from, to, nan_to_zero), [&](ProgramBuilder& p) {
    Expr x = p.input(from);
    if (nan_to_zero && is_float(from)) x = select(is_nan(x), 0.0, x);
    p.output(convert(x, from, to), to);
  });
}

ProgramRef count_nonzero_program(DType from) {
  static ProgramCache cache;
  return cache.get(key_of(from), [&](ProgramBuilder& p) {
    p.output(cast(convert(p.input(from), from, DType::kBool), DType::kI64), DType::kI64);
  });
}

ProgramRef mean_program(DType accumulated, DType result) {
  static ProgramCache cache;
  return cache.get(key_of(accumulated, result), [&](ProgramBuilder& p) {
    Expr sum = p.input(accumulated);
    p.output(sum / p.arg(accumulated), result);
  });
}

ProgramRef square_root_program(DType from, DType to) {
  static ProgramCache cache;
  return cache.get(key_of(from, to), [&](ProgramBuilder& p) { p.output(sqrt(p.input(from)), to); });
}

VectorNorm vector_norm_of(double order) {
  if (order == 0) return VectorNorm::kZero;
  if (order == 1) return VectorNorm::kOne;
  if (order == 2) return VectorNorm::kTwo;
  if (std::isinf(order)) return order > 0 ? VectorNorm::kMax : VectorNorm::kMin;
  return VectorNorm::kPower;
}

ReduceKind vector_norm_kind(VectorNorm norm) {
  if (norm == VectorNorm::kMax) return ReduceKind::kMax;
  return norm == VectorNorm::kMin ? ReduceKind::kMin : ReduceKind::kSum;
}

ProgramRef vector_norm_prologue(VectorNorm norm, DType from, DType accumulated) {
  static ProgramCache cache;
  return cache.get(key_of(norm, from, accumulated), [&](ProgramBuilder& p) {
    Expr x = abs(cast(p.input(from), accumulated));
    switch (norm) {
      case VectorNorm::kZero:
        x = cast(x != 0.0, accumulated);
        break;
      case VectorNorm::kTwo:
        x = x * x;
        break;
      case VectorNorm::kPower:
        x = pow(x, p.arg(accumulated));
        break;
      default:
        break;
    }
    p.output(x, accumulated);
  });
}

ProgramRef vector_norm_epilogue(VectorNorm norm, DType accumulated, DType result) {
  static ProgramCache cache;
  return cache.get(key_of(norm, accumulated, result), [&](ProgramBuilder& p) {
    Expr sum = p.input(accumulated);
    if (norm == VectorNorm::kTwo) sum = sqrt(sum);
    if (norm == VectorNorm::kPower) sum = pow(sum, p.arg(accumulated));
    p.output(sum, result);
  });
}

}  // namespace lineshaft::frontend::formulas
