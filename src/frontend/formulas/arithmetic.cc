#include "lineshaft/frontend/formulas/arithmetic.h"

#include <array>

namespace lineshaft::frontend::formulas {
namespace {

// The most divisions that numbers of a dtype take: neighbours in Fibonacci's sequence take most.
constexpr int divisions(DType type) {
  constexpr int by_bytes[] = {12, 24, 47, 93};
  int64_t bytes = size_of(type);
  return by_bytes[bytes == 1 ? 0 : bytes == 2 ? 1 : bytes == 4 ? 2 : 3];
}

// Wraps as the dtype does, so that its smallest number keeps its sign.
Expr magnitude(Expr x, DType type) {
  return is_compute_type(type) ? abs(x) : narrow(abs(x), type);
}

}  // namespace

Expr add(Expr a, Expr b) {
  return is_bool(a.type) ? a | b : a + b;
}

Expr mul(Expr a, Expr b) {
  return is_bool(a.type) ? a & b : a * b;
}

Expr trunc_divide(Expr a, Expr b) {
  return is_float(a.type) ? trunc(a / b) : a / b;
}

Expr floor_divide(Expr a, Expr b) {
  if (!is_float(a.type)) {
    Expr quotient = a / b;
    Expr inexact = (quotient * b != a) & ((a < 0.0) ^ (b < 0.0));
    return select(inexact, quotient - 1.0, quotient);
  }
  // From the remainder, so that it agrees with remainder(); a division by zero gives what / gives.
  Expr left = rem(a, b);
  Expr quotient = (a - left) / b;
  Expr lower = select((left != 0.0) & ((b < 0.0) ^ (left < 0.0)), quotient - 1.0, quotient);
  Expr floored = floor(lower);
  Expr rounded = select(lower - floored > 0.5, floored + 1.0, floored);
  Expr exact = select(lower != 0.0, rounded, copysign(literal_like(a, 0.0), a / b));
  return select(b == 0.0, a / b, exact);
}

Expr remainder(Expr a, Expr b) {
  Expr left = rem(a, b);
  return select((left != 0.0) & ((left < 0.0) ^ (b < 0.0)), left + b, left);
}

Expr gcd(Expr x, Expr y, DType type) {
  Expr a = magnitude(x, type), b = magnitude(y, type);
  for (int i = 0; i < divisions(type); ++i) {
    Expr left = rem(b, a);  // 0 where a is 0
    b = select(a != 0.0, a, b);
    a = left;
  }
  return b;
}

Expr lcm(Expr x, Expr y, DType type) {
  return abs(x / gcd(x, y, type) * y);
}

Expr lerp(Expr start, Expr end, Expr weight) {
  Expr difference = end - start;
  return select(abs(weight) < 0.5, start + weight * difference, end - difference * (1.0 - weight));
}

Expr addcmul(Expr x, Expr a, Expr b, Expr value) {
  return x + value * a * b;
}

Expr addcdiv(Expr x, Expr a, Expr b, Expr value) {
  return x + value * (a / b);
}

Expr scaled_product(Expr a, Expr b, Expr alpha) {
  return mul(mul(alpha, a), b);
}

Expr addr(Expr x, Expr a, Expr b, Expr beta, Expr alpha) {
  Expr scaled = mul(beta, x), outer = scaled_product(a, b, alpha);
  return add(scaled, outer);
}

ProgramRef cross_program(DType type) {
  static ProgramCache cache;
  return cache.get(key_of(type), [&](ProgramBuilder& p) {
    std::array<Expr, 3> a, b;
    for (auto* vector : {&a, &b})
      for (Expr& element : *vector) element = p.input(type);
    auto product = [&](Expr x, Expr y) { return narrow(x * y, type); };
    for (int i = 0; i < 3; ++i) {
      int next = (i + 1) % 3, last = (i + 2) % 3;
      p.output(product(a[next], b[last]) - product(a[last], b[next]), type);
    }
  });
}

}  // namespace lineshaft::frontend::formulas
