#include "lineshaft/frontend/formulas/distance.h"

#include <cmath>

namespace lineshaft::frontend::formulas {
namespace {

Expr slope_of_one(Expr grad, Expr distance, Expr d, DistanceSlope slope) {
  if (slope == DistanceSlope::kNumbers) return grad * select(is_nan(d), 0.0, sign(d));
  Expr value = grad * select(is_nan(d), d, sign(d));
  return select(distance == 0.0, 0.0, value);  // a row and itself
}

Expr slope_of_max(Expr grad, Expr distance, Expr d, DistanceSlope slope) {
  if (slope == DistanceSlope::kNumbers) return select(abs(d) == distance, grad * sign(d), 0.0);
  Expr below = distance - abs(d);
  Expr value = grad * select(is_nan(below), below, select(below == 0.0, sign(d), 0.0));
  return select(distance == 0.0, 0.0, value);
}

Expr slope_of(DistanceNorm norm, Expr grad, Expr distance, Expr d, Expr p, DistanceSlope slope) {
  switch (norm) {
    case DistanceNorm::kZero: {
      Expr none = grad * 0.0;
      return slope == DistanceSlope::kNumbers ? none : select(distance == 0.0, 0.0, none);
    }
    case DistanceNorm::kOne:
      return slope_of_one(grad, distance, d, slope);
    case DistanceNorm::kTwo:
      return select(distance == 0.0, 0.0, grad * d / distance);
    case DistanceNorm::kMax:
      return slope_of_max(grad, distance, d, slope);
    case DistanceNorm::kOther:
      break;
  }
  Expr steep = sign(d) * pow(abs(d), p - 1.0) * grad / pow(distance, p - 1.0);
  return select((distance == 0.0) | (d == 0.0), 0.0, steep);
}

}  // namespace

DistanceNorm distance_norm(double p) {
  if (p == 0) return DistanceNorm::kZero;
  if (p == 1) return DistanceNorm::kOne;
  if (p == 2) return DistanceNorm::kTwo;
  return std::isinf(p) ? DistanceNorm::kMax : DistanceNorm::kOther;
}

ProgramRef distance_term_program(DistanceNorm norm, DType type) {
  static ProgramCache cache;
  return cache.get(key_of(norm, type), [&](ProgramBuilder& b) {
    Expr x = b.input(type), y = b.input(type), d = abs(x - y), p = b.arg(d.type);
    if (norm == DistanceNorm::kZero) d = min(ceil(d), 1.0);
    if (norm == DistanceNorm::kTwo) d = d * d;
    if (norm == DistanceNorm::kOther) d = pow(d, p);
    b.output(d, d.type);
  });
}

ProgramRef distance_root_program(DistanceNorm norm, DType type) {
  static ProgramCache cache;
  return cache.get(key_of(norm, type), [&](ProgramBuilder& b) {
    Expr sum = b.input(compute_type(type)), p = b.arg(sum.type);
    if (norm == DistanceNorm::kTwo) sum = sqrt(sum);
    if (norm == DistanceNorm::kOther) sum = pow(sum, 1.0 / p);
    b.output(sum, type);
  });
}

ProgramRef distance_grad_program(DistanceNorm norm, DType type, DistanceSlope slope) {
  static ProgramCache cache;
  return cache.get(key_of(norm, type, slope), [&](ProgramBuilder& b) {
    Expr grad = b.input(type), distance = b.input(type), x = b.input(type), y = b.input(type), p = b.arg(grad.type);
    Expr value = slope_of(norm, grad, distance, x - y, p, slope);
    b.output(value, value.type);
  });
}

}  // namespace lineshaft::frontend::formulas
