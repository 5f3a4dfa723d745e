#include "lineshaft/frontend/formulas/power.h"

#include <numbers>

namespace lineshaft::frontend::formulas {

Expr pow_value(Expr x, Expr y) {
  return x.type == DType::kBool ? x | ~y : pow(x, y);
}

Expr square(Expr x) {
  return x * x;
}

Expr cube(Expr x) {
  return x * x * x;
}

Expr reciprocal(Expr x) {
  return 1.0 / x;
}

Expr reciprocal_square(Expr x) {
  return 1.0 / (x * x);
}

Expr logaddexp(Expr a, Expr b) {
  return select(a == b, a + std::numbers::ln2, max(a, b) + log1p(exp(-abs(a - b))));
}

Expr logaddexp2(Expr a, Expr b) {
  return select(a == b, a + 1.0, max(a, b) + log1p(exp2(-abs(a - b))) * std::numbers::log2e);
}

Expr xlogy(Expr a, Expr b) {
  return select(is_nan(b), b, select(a == 0.0, 0.0, a * log(b)));
}

Expr xlog1py(Expr a, Expr b) {
  return select(is_nan(b), b, select(a == 0.0, 0.0, a * log1p(b)));
}

}  // namespace lineshaft::frontend::formulas
