// The functions of math.glsl in f64.
#ifndef T
#define T double
#endif
#define F(name) ls_##name##_f64
#define L(literal) literal
#define BITS 64
const double LN2_HIGH = 0.6931471803691238164902lf, LN2_LOW = 1.9082149292705878161e-10lf;
#define INFINITY packDouble2x32(uvec2(0u, 0x7ff00000u))
#define NAN packDouble2x32(uvec2(0u, 0x7ff80000u))
const double EXP_MAX = 709.782712893384lf, EXP_MIN = -745.2lf, SPLITTER = 134217729.0lf, ERFC_END = 27.3lf, SMALL = 1.1e-16lf, HUGE = 1.3e154lf;
const double LOG10_2_HIGH = 3.01029995663611771306e-01lf, LOG10_2_LOW = 3.69423907715893078616e-13lf;
const double ERFCX_K = 4.0lf;
const double PI2_A = 1.5707963258028030396lf, PI2_B = 9.9209357916352214346e-10lf, PI2_C = 5.1701829788902495949e-19lf, PI2_D = 2.9038559739793603339e-28lf, REDUCE_END = 4000000.0lf;
#include "library/polynomials_f64.glsl"

uint high_word(const double x) { return unpackDouble2x32(x).y; }
double with_high_word(const double x, const uint high) { return packDouble2x32(uvec2(unpackDouble2x32(x).x, high)); }
int exponent_of(const double x) { return int((unpackDouble2x32(x).y >> 20) & 2047u) - 1023; }
double power_of_two(const int k) { return packDouble2x32(uvec2(0u, uint(k + 1023) << 20)); }
const int EXPONENT_MAX = 1023;
double split_log(const double x, out int k) {
  double y = x;
  int bias = 0;
  if (x < 2.2250738585072014e-308lf) {
    y = x * 18014398509481984.0lf;
    bias = 54;
  }
  uvec2 bits = unpackDouble2x32(y);
  uint high = bits.y + (0x3ff00000u - 0x3fe6a09eu);
  k = int(high >> 20) - 1023 - bias;
  return packDouble2x32(uvec2(bits.x, (high & 0xfffffu) + 0x3fe6a09eu));
}
void integer_parts(const double x, out uvec2 mantissa, out int exponent) {
  uvec2 bits = unpackDouble2x32(x);
  mantissa = uvec2((bits.y & 0xfffffu) | 0x100000u, bits.x);
  exponent = int((bits.y >> 20) & 2047u) - 1075;
}
double from_fraction(const uint a, const uint b, const uint c) {
  return double(a) * 2.3283064365386962890625e-10lf + (double(b) * 5.42101086242752217e-20lf + double(c) * 1.2621774483536188887e-29lf);
}
double ls_nextafter_f64(const double a, const double b) {
  if (a != a || b != b) return a + b;
  if (a == b) return b;
  uvec2 bits = unpackDouble2x32(a);
  if (a == 0.0lf) return packDouble2x32(uvec2(1u, unpackDouble2x32(b).y & 0x80000000u));
  bool away = (a < b) == (a > 0.0lf);
  uint low = away ? bits.x + 1u : bits.x - 1u;
  uint high = away ? bits.y + uint(low == 0u) : bits.y - uint(low == 0xffffffffu);
  return packDouble2x32(uvec2(low, high));
}
#include "library/math.glsl"
