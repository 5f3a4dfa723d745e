#include "lineshaft/frontend/formulas/comparison.h"

namespace lineshaft::frontend::formulas {
Expr maximum(Expr a, Expr b) {
  return is_bool(a.type) ? a | b : max(a, b);
}

Expr minimum(Expr a, Expr b) {
  return is_bool(a.type) ? a & b : min(a, b);
}

Expr fmax(Expr a, Expr b) {
  return is_float(a.type) ? select(is_nan(a), b, select(is_nan(b), a, max(a, b))) : maximum(a, b);
}

Expr fmin(Expr a, Expr b) {
  return is_float(a.type) ? select(is_nan(a), b, select(is_nan(b), a, min(a, b))) : minimum(a, b);
}

// Of equal ones min and max take the second.
Expr clamp_min(Expr x, Expr bound) {
  return is_bool(x.type) ? x | bound : max(bound, x);
}

Expr clamp_max(Expr x, Expr bound) {
  return is_bool(x.type) ? x & bound : min(bound, x);
}

Expr heaviside(Expr x, Expr at_zero) {
  if (is_bool(x.type)) return x | at_zero;
  return select(x == 0.0, at_zero, select(x > 0.0, literal_like(x, 1.0), 0.0));
}

}  // namespace lineshaft::frontend::formulas
