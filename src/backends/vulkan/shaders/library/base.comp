#version 450
// Bits, integers and random numbers for programs. A name says ls_<instruction>_<type>; i64w and f64w are 64-bit values as two words (low, high), for devices
// that lack the type. Parameters are const: they are passed by value then, which is how programs call.

// 16-bit floats, as in tensor/half.h. No step relies on subnormal f32.
float ls_f32_from_f16(const uint bits) {
  uint sign = (bits & 0x8000u) << 16, magnitude = bits & 0x7fffu;
  float subnormal = float(int(magnitude)) * uintBitsToFloat(0x33800000u);  // 2^-24
  uint normal = (magnitude << 13) + 0x38000000u;
  uint special = (magnitude << 13) | 0x7f800000u;
  uint result = magnitude >= 0x7c00u ? special : magnitude < 0x400u ? floatBitsToUint(subnormal) : normal;
  return uintBitsToFloat(result | sign);
}
uint ls_f16_from_f32(const float value) {
  uint bits = floatBitsToUint(value), sign = (bits >> 16) & 0x8000u, magnitude = bits & 0x7fffffffu;
  uint normal = (magnitude + 0xc8000fffu + ((magnitude >> 13) & 1u)) >> 13;
  precise float lifted = uintBitsToFloat(magnitude) + 0.5;
  uint subnormal = floatBitsToUint(lifted) - 0x3f000000u;
  uint result = magnitude < 0x38800000u ? subnormal : normal;
  result = magnitude >= 0x477ff000u ? 0x7c00u : result;
  result = magnitude > 0x7f800000u ? 0x7e00u : result;
  return result | sign;
}
uint ls_bf16_from_f32(const float value) {
  uint bits = floatBitsToUint(value);
  uint rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
  return (bits & 0x7fffffffu) > 0x7f800000u ? 0x7fc0u | ((bits >> 16) & 0x8000u) : rounded;
}

// 32-bit integers
int ls_abs_i32(const int x) { return x < 0 ? -x : x; }
int ls_sign_i32(const int x) { return int(x > 0) - int(x < 0); }
int ls_min_i32(const int a, const int b) { return a < b ? a : b; }
int ls_max_i32(const int a, const int b) { return a > b ? a : b; }
int ls_div_i32(const int a, const int b) {
  int divisor = b == 0 || b == -1 ? 1 : b;  // lanes that are masked off still divide on some devices
  int quotient = a / divisor;
  return b == 0 ? 0 : b == -1 ? -a : quotient;
}
int ls_rem_i32(const int a, const int b) {
  int divisor = b == 0 || b == -1 ? 1 : b;
  return a - a / divisor * divisor;
}
int ls_pow_i32(const int base, const int exponent) {
  if (exponent < 0) return base == 1 ? 1 : base == -1 ? ((exponent & 1) != 0 ? -1 : 1) : 0;
  int result = 1, square = base, left = exponent;
  while (left != 0) {
    if ((left & 1) != 0) result *= square;
    square *= square;
    left >>= 1;
  }
  return result;
}
int ls_shl_i32(const int a, const int b) { return b < 0 || b > 31 ? 0 : a << b; }
int ls_shr_i32(const int a, const int b) { return a >> (b < 0 || b > 31 ? 31 : b); }
int ls_shr_logical_i32(const int a, const int b) { return b < 0 || b > 31 ? 0 : int(uint(a) >> b); }

// 64-bit integers as words
uvec2 ls_i64w_from_i32(const int x) { return uvec2(uint(x), uint(x >> 31)); }
uvec2 ls_add_i64w(const uvec2 a, const uvec2 b) {
  uint low = a.x + b.x;
  return uvec2(low, a.y + b.y + uint(low < a.x));
}
uvec2 ls_neg_i64w(const uvec2 a) { return ls_add_i64w(~a, uvec2(1u, 0u)); }
uvec2 ls_sub_i64w(const uvec2 a, const uvec2 b) { return uvec2(a.x - b.x, a.y - b.y - uint(a.x < b.x)); }
uvec2 ls_mul_i64w(const uvec2 a, const uvec2 b) {
  uint high, low;
  umulExtended(a.x, b.x, high, low);
  return uvec2(low, high + a.x * b.y + a.y * b.x);
}
bool ls_eq_i64w(const uvec2 a, const uvec2 b) { return a.x == b.x && a.y == b.y; }
bool ls_ne_i64w(const uvec2 a, const uvec2 b) { return a.x != b.x || a.y != b.y; }
bool less_u64(const uvec2 a, const uvec2 b) { return a.y < b.y || (a.y == b.y && a.x < b.x); }
bool ls_lt_i64w(const uvec2 a, const uvec2 b) { return int(a.y) < int(b.y) || (a.y == b.y && a.x < b.x); }
bool ls_le_i64w(const uvec2 a, const uvec2 b) { return !ls_lt_i64w(b, a); }
bool ls_bool_from_i64w(const uvec2 a) { return (a.x | a.y) != 0u; }
uvec2 pick(const bool condition, const uvec2 a, const uvec2 b) { return condition ? a : b; }
uvec2 ls_abs_i64w(const uvec2 a) { return pick(int(a.y) < 0, ls_neg_i64w(a), a); }
uvec2 ls_sign_i64w(const uvec2 a) { return ls_i64w_from_i32(int(a.y) < 0 ? -1 : (a.x | a.y) != 0u ? 1 : 0); }
uvec2 ls_min_i64w(const uvec2 a, const uvec2 b) { return pick(ls_lt_i64w(a, b), a, b); }
uvec2 ls_max_i64w(const uvec2 a, const uvec2 b) { return pick(ls_lt_i64w(b, a), a, b); }
uvec2 shift_left(const uvec2 a, const uint n) {  // n < 64
  if (n == 0u) return a;
  if (n >= 32u) return uvec2(0u, a.x << (n - 32u));
  return uvec2(a.x << n, (a.y << n) | (a.x >> (32u - n)));
}
uvec2 shift_right(const uvec2 a, const uint n) {
  if (n == 0u) return a;
  if (n >= 32u) return uvec2(a.y >> (n - 32u), 0u);
  return uvec2((a.x >> n) | (a.y << (32u - n)), a.y >> n);
}
bool in_shift_range(const uvec2 b) { return b.y == 0u && b.x < 64u; }
uvec2 ls_shl_i64w(const uvec2 a, const uvec2 b) { return in_shift_range(b) ? shift_left(a, b.x) : uvec2(0u); }
uvec2 ls_shr_logical_i64w(const uvec2 a, const uvec2 b) { return in_shift_range(b) ? shift_right(a, b.x) : uvec2(0u); }
uvec2 ls_shr_i64w(const uvec2 a, const uvec2 b) {
  uint n = in_shift_range(b) ? b.x : 63u;
  uvec2 shifted = shift_right(a, n);
  uvec2 fill = n == 0u || int(a.y) >= 0 ? uvec2(0u) : shift_left(uvec2(0xffffffffu), 64u - n);
  return shifted | fill;
}
uvec2 divide_u64(const uvec2 a, const uvec2 b, out uvec2 remainder) {  // by long division
  uvec2 quotient = uvec2(0u), rest = uvec2(0u);
  for (int i = 63; i >= 0; --i) {
    rest = shift_left(rest, 1u) | uvec2(shift_right(a, uint(i)).x & 1u, 0u);
    if (!less_u64(rest, b)) {
      rest = ls_sub_i64w(rest, b);
      quotient |= shift_left(uvec2(1u, 0u), uint(i));
    }
  }
  remainder = rest;
  return quotient;
}
uvec2 ls_div_i64w(const uvec2 a, const uvec2 b) {
  if (!ls_bool_from_i64w(b)) return uvec2(0u);
  uvec2 remainder;
  uvec2 quotient = divide_u64(ls_abs_i64w(a), ls_abs_i64w(b), remainder);
  return pick((int(a.y) < 0) != (int(b.y) < 0), ls_neg_i64w(quotient), quotient);
}
uvec2 ls_rem_i64w(const uvec2 a, const uvec2 b) {
  if (!ls_bool_from_i64w(b)) return uvec2(0u);
  uvec2 remainder;
  divide_u64(ls_abs_i64w(a), ls_abs_i64w(b), remainder);
  return pick(int(a.y) < 0, ls_neg_i64w(remainder), remainder);
}
uvec2 ls_pow_i64w(const uvec2 base, const uvec2 exponent) {
  bool odd = (exponent.x & 1u) != 0u;
  if (int(exponent.y) < 0) {
    if (base == uvec2(1u, 0u)) return base;
    if (base == uvec2(0xffffffffu)) return odd ? base : uvec2(1u, 0u);
    return uvec2(0u);
  }
  uvec2 result = uvec2(1u, 0u), square = base, left = exponent;
  while (ls_bool_from_i64w(left)) {
    if ((left.x & 1u) != 0u) result = ls_mul_i64w(result, square);
    square = ls_mul_i64w(square, square);
    left = shift_right(left, 1u);
  }
  return result;
}
int high_bit(const uvec2 a) { return a.y != 0u ? 32 + findMSB(a.y) : findMSB(a.x); }  // -1 for zero

// Drops the low `n` bits (0 <= n < 64), rounding to nearest, half to even.
uvec2 round_off(const uvec2 a, const uint n) {
  if (n == 0u) return a;
  uvec2 kept = shift_right(a, n);
  uvec2 dropped = a & ls_sub_i64w(shift_left(uvec2(1u, 0u), n), uvec2(1u, 0u));
  uvec2 half_way = shift_left(uvec2(1u, 0u), n - 1u);
  bool up = less_u64(half_way, dropped) || (ls_eq_i64w(half_way, dropped) && (kept.x & 1u) != 0u);
  return ls_add_i64w(kept, uvec2(uint(up), 0u));
}
float ls_f32_from_i64w(const uvec2 a) {
  uvec2 magnitude = ls_abs_i64w(a);
  int top = high_bit(magnitude);
  if (top < 0) return 0.0;
  uint drop = uint(max(top - 23, 0));
  uint mantissa = round_off(magnitude, drop).x;  // at most 2^24: exact as f32
  float value = float(int(mantissa)) * uintBitsToFloat((127u + drop) << 23);
  return int(a.y) < 0 ? -value : value;
}
uvec2 ls_i64w_from_f32(const float x) {
  uint bits = floatBitsToUint(x);
  int exponent = int((bits >> 23) & 255u) - 127;
  if (exponent < 0) return uvec2(0u);
  if (exponent > 62) return uvec2(0u, 0x80000000u);
  uvec2 mantissa = uvec2((bits & 0x7fffffu) | 0x800000u, 0u);
  uvec2 value = exponent >= 23 ? shift_left(mantissa, uint(exponent - 23)) : shift_right(mantissa, uint(23 - exponent));
  return pick((bits >> 31) != 0u, ls_neg_i64w(value), value);
}

// f64 as words: conversions, and what needs no arithmetic
uvec2 ls_neg_f64w(const uvec2 a) { return uvec2(a.x, a.y ^ 0x80000000u); }
uvec2 ls_abs_f64w(const uvec2 a) { return uvec2(a.x, a.y & 0x7fffffffu); }
bool ls_bool_from_f64w(const uvec2 a) { return (a.x | (a.y & 0x7fffffffu)) != 0u; }
bool nan_f64(const uvec2 a) { return less_u64(uvec2(0u, 0x7ff00000u), ls_abs_f64w(a)); }
// Bits in an order that integers compare as the numbers do.
uvec2 ordered(const uvec2 a) { return (a.y >> 31) != 0u ? ls_neg_i64w(ls_abs_f64w(a)) : a; }
bool ls_eq_f64w(const uvec2 a, const uvec2 b) { return !nan_f64(a) && !nan_f64(b) && ls_eq_i64w(ordered(a), ordered(b)); }
bool ls_ne_f64w(const uvec2 a, const uvec2 b) { return !ls_eq_f64w(a, b); }
bool ls_lt_f64w(const uvec2 a, const uvec2 b) { return !nan_f64(a) && !nan_f64(b) && ls_lt_i64w(ordered(a), ordered(b)); }
bool ls_le_f64w(const uvec2 a, const uvec2 b) { return !nan_f64(a) && !nan_f64(b) && ls_le_i64w(ordered(a), ordered(b)); }
uvec2 ls_f64w_from_f32(const float x) {
  uint bits = floatBitsToUint(x), sign = bits & 0x80000000u, exponent = (bits >> 23) & 255u, mantissa = bits & 0x7fffffu;
  if (exponent == 255u) return uvec2(mantissa << 29, sign | 0x7ff00000u | (mantissa >> 3));
  if (exponent == 0u) {
    if (mantissa == 0u) return uvec2(0u, sign);
    int top = findMSB(mantissa);
    mantissa = (mantissa << (23 - top)) & 0x7fffffu;
    return uvec2(mantissa << 29, sign | (uint(top - 149 + 1023) << 20) | (mantissa >> 3));
  }
  return uvec2(mantissa << 29, sign | ((exponent + 896u) << 20) | (mantissa >> 3));
}
float ls_f32_from_f64w(const uvec2 a) {
  uint sign = a.y & 0x80000000u;
  int exponent = int((a.y >> 20) & 2047u) - 1023;
  if (exponent == 1024) return uintBitsToFloat(sign | 0x7f800000u | (((a.y & 0xfffffu) | a.x) != 0u ? 0x400000u | ((a.y & 0xfffffu) << 3) | (a.x >> 29) : 0u));
  if (exponent < -151) return uintBitsToFloat(sign);
  if (exponent > 127) return uintBitsToFloat(sign | 0x7f800000u);
  uvec2 mantissa = uvec2(a.x, (a.y & 0xfffffu) | 0x100000u);  // 53 bits
  uint drop = 29u + uint(max(-126 - exponent, 0));
  uint kept = round_off(mantissa, drop).x;
  // A carry into the exponent is what adding does by itself.
  uint base = exponent >= -126 ? uint(exponent + 126) << 23 : 0u;
  return uintBitsToFloat(sign | (base + kept));
}
uvec2 ls_f64w_from_i64w(const uvec2 a) {
  uvec2 magnitude = ls_abs_i64w(a);
  int top = high_bit(magnitude);
  if (top < 0) return uvec2(0u);
  uvec2 mantissa = top > 52 ? round_off(magnitude, uint(top - 52)) : shift_left(magnitude, uint(52 - top));
  uvec2 result = ls_add_i64w(uvec2(0u, uint(top + 1022) << 20), mantissa);
  return uvec2(result.x, result.y | (a.y & 0x80000000u));
}
uvec2 ls_i64w_from_f64w(const uvec2 a) {
  int exponent = int((a.y >> 20) & 2047u) - 1023;
  if (exponent < 0) return uvec2(0u);
  if (exponent > 62) return uvec2(0u, 0x80000000u);
  uvec2 mantissa = uvec2(a.x, (a.y & 0xfffffu) | 0x100000u);
  uvec2 value = exponent >= 52 ? shift_left(mantissa, uint(exponent - 52)) : shift_right(mantissa, uint(52 - exponent));
  return pick((a.y >> 31) != 0u, ls_neg_i64w(value), value);
}
int ls_i32_from_f64w(const uvec2 a) {
  uvec2 value = ls_i64w_from_f64w(a);
  return value.y == ((value.x >> 31) != 0u ? 0xffffffffu : 0u) ? int(value.x) : int(0x80000000u);
}

// Philox4x32-10 (Salmon et al., 2011)
uvec4 ls_philox(const uvec2 key, const uvec2 counter) {
  uvec4 c = uvec4(counter, 0u, 0u);
  uvec2 k = key;
  for (int i = 0; i < 10; ++i) {
    uint high0, low0, high1, low1;
    umulExtended(0xD2511F53u, c.x, high0, low0);
    umulExtended(0xCD9E8D57u, c.z, high1, low1);
    c = uvec4(high1 ^ c.y ^ k.x, low1, high0 ^ c.w ^ k.y, low0);
    k += uvec2(0x9E3779B9u, 0xBB67AE85u);
  }
  return c;
}

void main() {}
