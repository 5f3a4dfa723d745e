#include "lineshaft/frontend/formulas/number.h"

#include <cmath>
#include <limits>
#include <numbers>

#include "lineshaft/frontend/elementwise.h"

namespace lineshaft::frontend::formulas {
namespace {

// What computes in f32 is rounded to the half type afterwards: a step of more than half the distance to the neighbour
// and of less than one and a half arrives there. Between 2^e and 2^(e+1), neighbours are 2^(e-digits+1) apart, and
// below 2^e half of that; among the subnormal ones, `smallest`.
Expr half_neighbour(Expr x, Expr toward, int digits, double smallest, double largest) {
  Expr magnitude = abs(x);
  Expr step = max(magnitude * std::ldexp(1.25, -digits), 0.75 * smallest);
  Expr moved = select(toward > x, x + step, x - step);
  Expr finite = select(magnitude > largest, copysign(literal_like(x, largest), x), moved);
  return select(x == toward, toward, select(is_nan(x) | is_nan(toward), x + toward, finite));
}

}  // namespace

Expr sign_value(Expr x) {
  if (x.type == DType::kBool) return x;
  return is_float(x.type) ? select(is_nan(x), 0.0, sign(x)) : sign(x);
}

Expr floor_value(Expr x) {
  return is_int(x.type) ? x : floor(x);
}

Expr ceil_value(Expr x) {
  return is_int(x.type) ? x : ceil(x);
}

Expr trunc_value(Expr x) {
  return is_int(x.type) ? x : trunc(x);
}

Expr round_value(Expr x) {
  return is_int(x.type) ? x : round(x);
}

Expr frac(Expr x) {
  return x - trunc(x);
}

Expr round_decimals(Expr x, Expr power) {
  return round(x * power) / power;
}

Expr round_to_multiple(Expr x, Expr unit) {
  return round(x / unit) * unit;
}

double decimal_power(int64_t decimals, DType type) {
  double power = std::pow(10.0, static_cast<double>(std::abs(decimals)));
  bool beyond = type != DType::kF64 && power > std::numeric_limits<float>::max();
  return beyond ? std::numeric_limits<double>::infinity() : power;
}

Expr angle(Expr x) {
  return select(is_nan(x), x, select(x < 0.0, literal_like(x, std::numbers::pi), 0.0));
}

Expr signbit(Expr x) {
  if (x.type == DType::kBool) return literal_like(x, 0);
  return (is_float(x.type) ? copysign(literal_like(x, 1), x) : x) < 0.0;
}

ProgramRef signbit_program(DType type) {
  static ProgramCache cache;
  return cache.get(key_of(type), [&](ProgramBuilder& p) { p.output(signbit(p.input(type)), DType::kBool); });
}

Expr nan_to_num(Expr x, Expr nan, Expr highest, Expr lowest) {
  Expr infinity = literal_like(x, std::numeric_limits<double>::infinity());
  return select(is_nan(x), nan, select(x == infinity, highest, select(x == -infinity, lowest, x)));
}

Expr nextafter_f16(Expr x, Expr toward) {
  return half_neighbour(x, toward, 11, 0x1p-24, 65504);
}

Expr nextafter_bf16(Expr x, Expr toward) {
  return half_neighbour(x, toward, 8, 0x1p-133, 0x1.fep127);
}

Nextafter nextafter_formula(DType type) {
  if (type == DType::kF16) return &nextafter_f16;
  if (type == DType::kBF16) return &nextafter_bf16;
  return &nextafter;
}

// In three steps, each of which the dtype holds: the power alone may be infinite where the product is not.
Expr ldexp(Expr x, Expr exponent) {
  double step = x.type == DType::kF64 ? 1022 : 126;  // beyond three of them every result is infinite or 0
  Expr n = min(max(exponent, literal_like(exponent, -3 * step)), literal_like(exponent, 3 * step));
  Expr third = trunc(n / 3.0);
  return x * exp2(third) * exp2(third) * exp2(n - third * 2.0);
}

ProgramRef ldexp_program(DType common, DType x, DType exponent, DType out) {
  static ProgramCache cache;
  return cache.get(key_of(common, x, exponent, out), [&](ProgramBuilder& p) {
    Expr number = load_operand(p, x, common), n = cast(p.input(exponent), compute_type(common));
    store_result(p, ldexp(number, n), common, out);
  });
}

}  // namespace lineshaft::frontend::formulas
