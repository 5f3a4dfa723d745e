// The functions of math.glsl in f32.
#ifndef T
#define T float
#endif
#define F(name) ls_##name##_f32
#define L(literal) float(literal)  // folded: the shader holds no f64
#define BITS 32
const float LN2_HIGH = 0.693145751953125, LN2_LOW = 1.42860682031e-6;
#define INFINITY uintBitsToFloat(0x7f800000u)
#define NAN uintBitsToFloat(0x7fc00000u)
const float EXP_MAX = 88.72284, EXP_MIN = -103.98, SPLITTER = 4097.0, ERFC_END = 10.06, SMALL = 5.9e-8, HUGE = 1.8e19;
const float LOG10_2_HIGH = 0.30102920532226562, LOG10_2_LOW = 7.9034189153e-7;  // the first short enough for its product with an exponent to be exact
const float ERFCX_K = 2.0;
// pi / 2 in parts of 11 bits: k times the first three is exact for |k| < 2^13.
const float PI2_A = 1.5703125, PI2_B = 0.000483751296997, PI2_C = 7.54953362048e-8, PI2_D = 2.56334415159e-12, REDUCE_END = 12000.0;
#include "library/polynomials_f32.glsl"

uint high_word(const float x) { return floatBitsToUint(x); }
float with_high_word(const float x, const uint high) { return uintBitsToFloat(high); }
int exponent_of(const float x) { return int((floatBitsToUint(x) >> 23) & 255u) - 127; }
float power_of_two(const int k) { return uintBitsToFloat(uint(k + 127) << 23); }  // -126 <= k <= 127
const int EXPONENT_MAX = 127;
// x > 0 as mantissa in [sqrt(1/2), sqrt(2)) and exponent.
float split_log(const float x, out int k) {
  float y = x;
  int bias = 0;
  if (x < 1.17549435e-38) {
    y = x * 16777216.0;
    bias = 24;
  }
  uint bits = floatBitsToUint(y) + (0x3f800000u - 0x3f3504f3u);
  k = int(bits >> 23) - 127 - bias;
  return uintBitsToFloat((bits & 0x7fffffu) + 0x3f3504f3u);
}
// |x| = mantissa * 2^exponent with an integer mantissa (high, low).
void integer_parts(const float x, out uvec2 mantissa, out int exponent) {
  uint bits = floatBitsToUint(x);
  mantissa = uvec2(0u, (bits & 0x7fffffu) | 0x800000u);
  exponent = int((bits >> 23) & 255u) - 150;
}
float from_fraction(const uint a, const uint b, const uint c) {
  return float(a) * 2.3283064365386963e-10 + float(b) * 5.421010862427522e-20;
}
float ls_nextafter_f32(const float a, const float b) {
  if (a != a || b != b) return a + b;
  if (a == b) return b;
  if (a == 0.0) return uintBitsToFloat(1u | (floatBitsToUint(b) & 0x80000000u));
  uint bits = floatBitsToUint(a);
  return uintBitsToFloat((a < b) == (a > 0.0) ? bits + 1u : bits - 1u);
}
#include "library/math.glsl"
