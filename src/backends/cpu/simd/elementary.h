// exp, tanh and erf of f32, to be inlined into loops. The error of each is within the bound that elementary_test.cc
// checks over all of f32; infinities and NaN are as in the C library. For instruction sets where glibc's vector
// function is faster, that function is used.
#pragma once

#include <math.h>

#include "backends/cpu/simd/elementary_tables.h"
#include "backends/cpu/simd/vector.h"
#include "backends/cpu/simd/vector_library.h"

namespace lineshaft::cpu {
namespace {

#ifdef LINESHAFT_F32
extern "C" Vec<double> LINESHAFT_F64(v, exp)(Vec<double>);
inline Vec<double> exp_of(Vec<double> x) {
  return LINESHAFT_F64(v, exp)(x);
}
#else
inline Vec<double> exp_of(Vec<double> x) {
  return lanewise<double>([](double lane) { return ::exp(lane); }, x);
}
#endif

#if LINESHAFT_ISA_LEVEL == 0 && defined(LINESHAFT_F32)

extern "C" Vec<float> LINESHAFT_F32(v, exp)(Vec<float>);
extern "C" Vec<float> LINESHAFT_F32(v, tanh)(Vec<float>);
extern "C" Vec<float> LINESHAFT_F32(v, erf)(Vec<float>);
inline Vec<float> exp_of(Vec<float> x) {
  return LINESHAFT_F32(v, exp)(x);
}
inline Vec<float> tanh_of(Vec<float> x) {
  return LINESHAFT_F32(v, tanh)(x);
}
inline Vec<float> erf_of(Vec<float> x) {
  return LINESHAFT_F32(v, erf)(x);
}

#else

// a * b + c, rounded once where the instruction set can. For the functions of this file only: the arithmetic of
// programs is never contracted.
inline Vec<float> multiply_add(Vec<float> a, Vec<float> b, Vec<float> c) {
#if LINESHAFT_ISA_LEVEL == 2
  return _mm512_fmadd_ps(a, b, c);
#elif LINESHAFT_ISA_LEVEL == 1
  return _mm256_fmadd_ps(a, b, c);
#else
  return a * b + c;
#endif
}

// The smaller and the larger of x and a limit. NaN stays.
inline Vec<float> at_most(float limit, Vec<float> x) {
#if LINESHAFT_ISA_LEVEL == 2
  return _mm512_min_ps(splat(limit), x);
#elif LINESHAFT_ISA_LEVEL == 1
  return _mm256_min_ps(splat(limit), x);
#else
  return x > limit ? splat(limit) : x;
#endif
}
inline Vec<float> at_least(float limit, Vec<float> x) {
#if LINESHAFT_ISA_LEVEL == 2
  return _mm512_max_ps(splat(limit), x);
#elif LINESHAFT_ISA_LEVEL == 1
  return _mm256_max_ps(splat(limit), x);
#else
  return x < limit ? splat(limit) : x;
#endif
}

// c[0] + c[1] x + ...
template <int n>
inline Vec<float> polynomial(const float (&c)[n], Vec<float> x) {
  Vec<float> sum = splat(c[n - 1]);
#pragma GCC unroll 8
  for (int k = n - 2; k >= 0; --k) sum = multiply_add(sum, x, splat(c[k]));
  return sum;
}

// x = power ln 2 + rest with |rest| <= ln 2 / 2. The lowest bits of `shifted` are the power.
struct Reduced {
  Vec<float> shifted, power, rest;
};
inline constexpr float kShift = 0x1.8p23f;  // adding it rounds to an integer
inline Reduced reduce_by_ln2(Vec<float> x) {
  Reduced r;
  r.shifted = multiply_add(x, splat(0x1.715476p0f), splat(kShift));
  r.power = r.shifted - kShift;
  r.rest = multiply_add(r.power, splat(-0x1.63p-1f), x);  // of so few bits that the product is exact
  r.rest = multiply_add(r.power, splat(0x1.bd0106p-13f), r.rest);
  return r;
}

// x * 2^power, rounded once.
inline Vec<float> scale(Vec<float> x, const Reduced& r) {
#if LINESHAFT_ISA_LEVEL == 2
  return _mm512_scalef_ps(x, r.power);
#else
  Vec<int32_t> power = as<Vec<int32_t> >(r.shifted) - 0x4b400000, half = power >> 1;
  auto two_to = [](Vec<int32_t> n) { return as<Vec<float> >((n + 127) << 23); };
  return x * two_to(half) * two_to(power - half);
#endif
}

inline Vec<float> exp_of(Vec<float> x) {
  x = at_least(-104.0f, at_most(89.0f, x));
  Reduced r = reduce_by_ln2(x);
  return scale(multiply_add(polynomial(kExp, r.rest), r.rest * r.rest, r.rest) + 1.0f, r);
}

#if LINESHAFT_ISA_LEVEL == 2

inline Vec<float> magnitude_of(Vec<float> x) {
  return _mm512_abs_ps(x);
}
inline Vec<float> with_sign_of(Vec<float> x, Vec<float> magnitude) {
  constexpr int kThirdChoosesSecond = 0xd8;
  return _mm512_castsi512_ps(_mm512_ternarylogic_epi32(_mm512_castps_si512(magnitude), _mm512_castps_si512(x),
                                                       _mm512_set1_epi32(INT32_MIN), kThirdChoosesSecond));
}

template <class Term>
inline Vec<float> segment_polynomial(Vec<float> x, Term term) {
  Vec<float> sum = multiply_add(term(5), x, term(4));
#pragma GCC unroll 4
  for (int k = 3; k >= 0; --k) sum = multiply_add(sum, x, term(k));
  return sum;
}

// Sixteen segments; their coefficients are looked up in registers.
inline Vec<float> erf_of(Vec<float> x) {
  constexpr float kWidth = 0.265625f;
  Vec<float> y = at_most(4.0f, magnitude_of(x));
  Vec<float> shifted = multiply_add(y, splat(1 / kWidth), splat(kShift));
  Vec<float> from_center = multiply_add(shifted - kShift, splat(-kWidth), y);
  __m512i segment = _mm512_castps_si512(shifted);
  return with_sign_of(x, segment_polynomial(from_center, [&](int k) -> Vec<float> {
                        return _mm512_permutexvar_ps(segment, _mm512_load_ps(kErf[k]));
                      }));
}

// The same with thirty-two segments that widen as the curve flattens.
inline Vec<float> tanh_of(Vec<float> x) {
  constexpr float kUnit = 0.609375f;
  Vec<float> y = at_most(9.1f, magnitude_of(x));
  auto bits = as<Vec<int32_t> >(multiply_add(y, splat(1 / kUnit), splat(1.0f)));
  auto start = as<Vec<float> >(bits & -0x100000);
  Vec<float> from_start = multiply_add(start - 1.0f, splat(-kUnit), y);
  auto segment = as<__m512i>(bits >> 20);
  return with_sign_of(x, segment_polynomial(from_start, [&](int k) -> Vec<float> {
                        return _mm512_permutex2var_ps(_mm512_load_ps(kTanh[k]), segment, _mm512_load_ps(kTanh[k] + 16));
                      }));
}

#else

inline Vec<float> magnitude_of(Vec<float> x) {
  return as<Vec<float> >(as<Vec<int32_t> >(x) & INT32_MAX);
}
inline Vec<float> with_sign_of(Vec<float> x, Vec<float> magnitude) {
  return as<Vec<float> >(as<Vec<int32_t> >(magnitude) | (as<Vec<int32_t> >(x) & INT32_MIN));
}
// 2^power where that is a normal number.
inline Vec<float> two_to_power(const Reduced& r) {
  return as<Vec<float> >((as<Vec<int32_t> >(r.shifted) << 23) + 0x3f800000);
}

// Near 0 an odd polynomial, from 0.9 on 1 - e^(-x q(x)).
inline Vec<float> erf_of(Vec<float> x) {
  Vec<float> near = multiply_add(polynomial(kErfNear, x * x), x, x);
  Vec<float> y = magnitude_of(x), t = at_most(4.0f, y);
  Reduced r = reduce_by_ln2(-t * polynomial(kErfFar, t));
  Vec<float> sum = multiply_add(polynomial(kExp, r.rest), r.rest * r.rest, r.rest) + 1.0f;
  return y > 0.9f ? with_sign_of(x, 1.0f - sum * two_to_power(r)) : near;
}

// e / (e + 2) with e = e^2x - 1.
inline Vec<float> tanh_of(Vec<float> x) {
  Vec<float> y = at_most(10.0f, magnitude_of(x));
  Reduced r = reduce_by_ln2(y + y);
  Vec<float> rest = multiply_add(polynomial(kExpm1, r.rest), r.rest * r.rest, r.rest), power = two_to_power(r);
  Vec<float> e = multiply_add(rest, power, power - 1.0f);
  return with_sign_of(x, e / (e + 2.0f));
}

#endif
#endif

}  // namespace
}  // namespace lineshaft::cpu
