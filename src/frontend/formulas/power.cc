#include "lineshaft/frontend/formulas/power.h"

#include <numbers>

namespace lineshaft::frontend::formulas {
namespace {

Expr first_power(Expr x) {
  return x;
}

constexpr CheapPower kPowers[kCheapPowers] = {
    {1.0, true, &first_power},  // what the gradient of a square asks for
    {2.0, true, &square},      {3.0, true, &cube},         {0.5, false, &sqrt},
    {-0.5, false, &rsqrt},     {-1.0, false, &reciprocal}, {-2.0, false, &reciprocal_square},
};

}  // namespace

const CheapPower& cheap_power(int place) {
  return kPowers[place];
}

int find_cheap_power(double exponent, bool integers) {
  for (int i = 0; i < kCheapPowers; ++i)
    if (kPowers[i].exponent == exponent) return integers && !kPowers[i].integers ? -1 : i;
  return -1;
}

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
