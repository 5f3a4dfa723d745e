#include "backends/cpu/simd/special.h"

#include <math.h>

#include <cmath>
#include <limits>
#include <numbers>

namespace lineshaft::cpu {

double scalar_lgamma(double x) {
  int sign;
  return ::lgamma_r(x, &sign);
}
float scalar_lgamma(float x) {
  int sign;
  return ::lgammaf_r(x, &sign);
}

// Reflection below 0, recurrence up to 10, then the asymptotic series in 1/x^2.
double scalar_digamma(double x) {
  if (x == 0) return std::copysign(std::numeric_limits<double>::infinity(), -x);
  if (x < 0) {
    double whole = std::trunc(x), fraction = x - whole;
    if (fraction == 0 || std::isinf(x)) return std::numeric_limits<double>::quiet_NaN();
    if (fraction < -0.5) fraction += 1;  // exact, and tan(pi x) near a pole keeps its digits
    return scalar_digamma(1 - x) - std::numbers::pi / std::tan(std::numbers::pi * fraction);
  }
  double below = 0;
  while (x < 10) below -= 1 / x++;
  constexpr double kSeries[] = {1.0 / 12, -1.0 / 120, 1.0 / 252, -1.0 / 240, 1.0 / 132, -691.0 / 32760, 1.0 / 12};
  double z = 1 / (x * x), sum = 0;
  for (int i = 6; i >= 0; --i) sum = (sum + kSeries[i]) * z;
  return below + std::log(x) - 0.5 / x - sum;
}
float scalar_digamma(float x) {
  return static_cast<float>(scalar_digamma(static_cast<double>(x)));
}

// A rational estimate of the normal quantile, then two steps of Halley on erf, on erfc where erf is flat.
double scalar_erfinv(double x) {
  double magnitude = std::fabs(x);
  if (!(magnitude < 1)) {
    if (magnitude == 1) return std::copysign(std::numeric_limits<double>::infinity(), x);
    return std::numeric_limits<double>::quiet_NaN();
  }
  if (magnitude < 1e-8) return x * (std::sqrt(std::numbers::pi) / 2);
  // Winitzki's closed form.
  constexpr double kA = 0.147;
  double rest = 1 - magnitude;
  double logarithm = std::log1p(-magnitude) + std::log1p(magnitude);
  double t = 2 / (std::numbers::pi * kA) + logarithm / 2;
  double y = std::sqrt(std::sqrt(t * t - logarithm / kA) - t);
  for (int step = 0; step < 3; ++step) {
    double error = magnitude < 0.5 ? std::erf(y) - magnitude : rest - std::erfc(y);
    double u = error / (2 / std::sqrt(std::numbers::pi) * std::exp(-y * y));
    y -= u / (1 + y * u);
  }
  return std::copysign(y, x);
}
float scalar_erfinv(float x) {
  return static_cast<float>(scalar_erfinv(static_cast<double>(x)));
}

}  // namespace lineshaft::cpu
