#version 450
// 64-bit integers on devices that have them. The same rules as in base.comp.
#extension GL_EXT_shader_explicit_arithmetic_types_int64 : require

int64_t ls_abs_i64(const int64_t x) { return x < 0L ? -x : x; }
int64_t ls_sign_i64(const int64_t x) { return int64_t(x > 0L) - int64_t(x < 0L); }
int64_t ls_min_i64(const int64_t a, const int64_t b) { return a < b ? a : b; }
int64_t ls_max_i64(const int64_t a, const int64_t b) { return a > b ? a : b; }
// The most negative number has no quotient by -1: it wraps to itself.
int64_t ls_div_i64(const int64_t a, const int64_t b) {
  int64_t divisor = b == 0L || b == -1L ? 1L : b;  // lanes that are masked off still divide on some devices
  int64_t quotient = a / divisor;
  return b == 0L ? 0L : b == -1L ? -a : quotient;
}
int64_t ls_rem_i64(const int64_t a, const int64_t b) {
  int64_t divisor = b == 0L || b == -1L ? 1L : b;
  return a - a / divisor * divisor;
}
int64_t ls_pow_i64(const int64_t base, const int64_t exponent) {
  if (exponent < 0L) return base == 1L ? 1L : base == -1L ? ((exponent & 1L) != 0L ? -1L : 1L) : 0L;
  int64_t result = 1L, square = base, left = exponent;
  while (left != 0L) {
    if ((left & 1L) != 0L) result *= square;
    square *= square;
    left >>= 1;
  }
  return result;
}
int64_t ls_shl_i64(const int64_t a, const int64_t b) { return b < 0L || b > 63L ? 0L : a << int(b); }
int64_t ls_shr_i64(const int64_t a, const int64_t b) { return a >> int(b < 0L || b > 63L ? 63L : b); }
int64_t ls_shr_logical_i64(const int64_t a, const int64_t b) { return b < 0L || b > 63L ? 0L : int64_t(uint64_t(a) >> int(b)); }

void main() {}
