// The definition of each opcode for one element, with which tests compare the kernels.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "backends/cpu/simd/special.h"
#include "lineshaft/program/program.h"

namespace lineshaft::cpu::test {

using Real = long double;

inline Real max_of(Real a, Real b) {
  return std::isnan(a) || a > b ? a : b;
}
inline Real min_of(Real a, Real b) {
  return std::isnan(a) || a < b ? a : b;
}

template <class T>
Real float_reference(Opcode opcode, T a, T b) {
  Real x = a, y = b;
  switch (opcode) {
    case Opcode::kNeg:
      return -x;
    case Opcode::kAbs:
      return std::fabs(x);
    case Opcode::kSign:
      return std::isnan(x) ? x : (x > 0) - (x < 0);
    case Opcode::kAdd:
      return static_cast<T>(a + b);
    case Opcode::kSub:
      return static_cast<T>(a - b);
    case Opcode::kMul:
      return static_cast<T>(a * b);
    case Opcode::kDiv:
      return static_cast<T>(a / b);
    case Opcode::kRem:
      return std::fmod(a, b);
    case Opcode::kMin:
      return min_of(x, y);
    case Opcode::kMax:
      return max_of(x, y);
    case Opcode::kPow:
      return std::pow(x, y);
    case Opcode::kFloor:
      return std::floor(x);
    case Opcode::kCeil:
      return std::ceil(x);
    case Opcode::kTrunc:
      return std::trunc(x);
    case Opcode::kRound:
      return std::nearbyint(x);
    case Opcode::kSqrt:
      return std::sqrt(a);
    case Opcode::kRsqrt:
      return T{1} / std::sqrt(a);
    case Opcode::kExp:
      return std::exp(x);
    case Opcode::kExp2:
      return std::exp2(x);
    case Opcode::kExpm1:
      return std::expm1(x);
    case Opcode::kLog:
      return std::log(x);
    case Opcode::kLog2:
      return std::log2(x);
    case Opcode::kLog10:
      return std::log10(x);
    case Opcode::kLog1p:
      return std::log1p(x);
    case Opcode::kSin:
      return std::sin(x);
    case Opcode::kCos:
      return std::cos(x);
    case Opcode::kTan:
      return std::tan(x);
    case Opcode::kAsin:
      return std::asin(x);
    case Opcode::kAcos:
      return std::acos(x);
    case Opcode::kAtan:
      return std::atan(x);
    case Opcode::kSinh:
      return std::sinh(x);
    case Opcode::kCosh:
      return std::cosh(x);
    case Opcode::kTanh:
      return std::tanh(x);
    case Opcode::kAsinh:
      return std::asinh(x);
    case Opcode::kAcosh:
      return std::acosh(x);
    case Opcode::kAtanh:
      return std::atanh(x);
    case Opcode::kErf:
      return std::erf(x);
    case Opcode::kErfc:
      return std::erfc(x);
    case Opcode::kErfinv:
      return scalar_erfinv(static_cast<double>(a));
    case Opcode::kLgamma:
      return std::lgamma(x);
    case Opcode::kDigamma:
      return scalar_digamma(static_cast<double>(a));
    case Opcode::kAtan2:
      return std::atan2(x, y);
    case Opcode::kHypot:
      return std::hypot(x, y);
    case Opcode::kCopysign:
      return std::copysign(x, y);
    case Opcode::kNextafter:
      return std::nextafter(a, b);
    case Opcode::kEq:
      return x == y;
    case Opcode::kNe:
      return x != y;
    case Opcode::kLt:
      return x < y;
    case Opcode::kLe:
      return x <= y;
    default:
      ADD_FAILURE() << info_of(opcode).name;
      return 0;
  }
}

inline int64_t power(uint64_t base, int64_t exponent) {
  if (exponent < 0) {
    if (base == 1) return 1;
    return base == ~uint64_t{0} ? (exponent % 2 ? -1 : 1) : 0;
  }
  uint64_t result = 1;
  for (; exponent; exponent /= 2, base *= base)
    if (exponent % 2) result *= base;
  return static_cast<int64_t>(result);
}

// The result in 64 bits; the caller wraps it.
inline int64_t int_reference(Opcode opcode, int64_t a, int64_t b, int bits) {
  auto ua = static_cast<uint64_t>(a), ub = static_cast<uint64_t>(b);
  bool counted = b >= 0 && b < bits;
  switch (opcode) {
    case Opcode::kNeg:
      return static_cast<int64_t>(-ua);
    case Opcode::kAbs:
      return a < 0 ? static_cast<int64_t>(-ua) : a;
    case Opcode::kSign:
      return (a > 0) - (a < 0);
    case Opcode::kAdd:
      return static_cast<int64_t>(ua + ub);
    case Opcode::kSub:
      return static_cast<int64_t>(ua - ub);
    case Opcode::kMul:
      return static_cast<int64_t>(ua * ub);
    case Opcode::kDiv:
      return b == 0 ? 0 : b == -1 ? static_cast<int64_t>(-ua) : a / b;
    case Opcode::kRem:
      return b == 0 || b == -1 ? 0 : a % b;
    case Opcode::kMin:
      return std::min(a, b);
    case Opcode::kMax:
      return std::max(a, b);
    case Opcode::kPow:
      return power(ua, b);
    case Opcode::kNot:
      return bits == 1 ? !a : ~a;
    case Opcode::kAnd:
      return a & b;
    case Opcode::kOr:
      return a | b;
    case Opcode::kXor:
      return a ^ b;
    case Opcode::kShl:
      return counted ? static_cast<int64_t>(ua << b) : 0;
    case Opcode::kShr:
      return a >> (counted ? b : bits - 1);
    case Opcode::kShrLogical:
      if (!counted) return 0;
      return static_cast<int64_t>((bits == 32 ? static_cast<uint32_t>(a) : ua) >> b);
    case Opcode::kEq:
      return a == b;
    case Opcode::kNe:
      return a != b;
    case Opcode::kLt:
      return a < b;
    case Opcode::kLe:
      return a <= b;
    default:
      ADD_FAILURE() << info_of(opcode).name;
      return 0;
  }
}

}  // namespace lineshaft::cpu::test
