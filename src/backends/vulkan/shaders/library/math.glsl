// The instructions of programs that need more than one operation of the device, in the type T: within a few units in the last place, with the frameworks'
// rules for NaN and infinities. The device's own exp, log, sin and the like are too coarse and differ between vendors. No step relies on a fused multiply-add.

T magnitude(const T x) { return with_high_word(x, high_word(x) & 0x7fffffffu); }
bool negative(const T x) { return (high_word(x) >> 31) != 0u; }
// A choice of two values: where Mesa 26.2 knows that x is positive, it takes the bits of x and of the sign put together for another pattern.
T with_sign(const T x, const T sign) {
  T positive = magnitude(x);
  return negative(sign) ? -positive : positive;
}
// For reductions of arguments, where halves may go either way (see round).
T nearest(const T x) { return roundEven(x); }
// x * 2^k, for k to twice the exponents that T has: in two steps, so that results may be subnormal.
T scale(const T x, const int k) {
  int half_k = k / 2;
  return x * power_of_two(half_k) * power_of_two(k - half_k);
}
// a * b as its rounded value and what that leaves out (Dekker; Veltkamp's splitting).
T product_rest(const T a, const T b, const T p) {
  T ta = SPLITTER * a, tb = SPLITTER * b;
  T ah = ta - (ta - a), bh = tb - (tb - b), al = a - ah, bl = b - bh;
  return ((ah * bh - p) + ah * bl + al * bh) + al * bl;
}

// Toward zero. In f64 trunc() of Mesa 22.3 loses the sign of what becomes zero where the processor lacks AVX-512.
T F(trunc)(const T x) { return with_sign(floor(magnitude(x)), x); }
// To the nearest integer, halves to the even one. In f64 roundEven() of Mesa 22.3 takes halves to the odd one where the processor lacks AVX-512.
T F(round)(const T x) {
  T size = magnitude(x), whole = floor(size), rest = size - whole;
  bool odd = floor(whole * L(0.5lf)) != whole * L(0.5lf);
  return with_sign(rest > L(0.5lf) || (rest == L(0.5lf) && odd) ? whole + L(1.0lf) : whole, x);
}

T F(copysign)(const T a, const T b) { return with_sign(a, b); }
T F(sign)(const T x) { return x > L(0.0lf) ? L(1.0lf) : x < L(0.0lf) ? L(-1.0lf) : x == L(0.0lf) ? L(0.0lf) : x; }

// The exponent of a positive number's first bit, of numbers below the normal ones too.
int first_bit(const T x) { return x < power_of_two(1 - EXPONENT_MAX) ? exponent_of(x * power_of_two(60)) - 60 : exponent_of(x); }

// The remainder with the dividend's sign, exact: subtracts power-of-two multiples of b. Each turn takes a bit at least, of 2,098 in f64 and 277 in f32.
T F(rem)(const T a, const T b) {
  T rest = magnitude(a), divisor = magnitude(b);
  if (a != a || b != b || rest == INFINITY || divisor == L(0.0lf)) return NAN;
  while (rest >= divisor && divisor != INFINITY) {
    int shift = first_bit(rest) - first_bit(divisor), half_shift = shift / 2;
    T half_way = scale(divisor, half_shift), multiple = scale(half_way, shift - half_shift);
    if (multiple > rest) multiple = scale(half_way, shift - half_shift - 1);
    rest -= multiple;
  }
  return with_sign(rest, a);
}

T exp_parts(const T x, const T rest) {  // e^(x + rest), |rest| tiny
  T k = nearest(x * L(1.4426950408889634lf));
  T r = (x - k * LN2_HIGH) - k * LN2_LOW + rest;
  T value = scale(L(1.0lf) + (r + r * r * P_EXP(r)), int(k));
  return value;
}
T F(exp)(const T x) {
  if (x != x) return x;
  if (x > EXP_MAX) return INFINITY;
  if (x < EXP_MIN) return L(0.0lf);
  return exp_parts(x, L(0.0lf));
}
T F(exp2)(const T x) {
  if (x != x) return x;
  T bounded = clamp(x, L(-2.0lf) * T(EXPONENT_MAX), L(2.0lf) * T(EXPONENT_MAX));
  T k = nearest(bounded), r = bounded - k;
  return x >= T(EXPONENT_MAX + 1) ? INFINITY : scale(L(1.0lf) + r * P_EXP2(r), int(k));
}
T F(expm1)(const T x) {
  if (x != x) return x;
  if (x > EXP_MAX) return INFINITY;
  if (x < L(-50.0lf)) return L(-1.0lf);
  T k = nearest(x * L(1.4426950408889634lf));
  T r = (x - k * LN2_HIGH) - k * LN2_LOW;
  T near = r + r * r * P_EXP(r);
  if (k == L(0.0lf)) return x == L(0.0lf) ? x : near;
  if (k > T(EXPONENT_MAX - 1)) return exp_parts(x, L(0.0lf));
  T p = power_of_two(int(k));
  return p * near + (p - L(1.0lf));
}

// log(m) for m = 1 + f in [sqrt(1/2), sqrt(2)), less the part that a caller adds exactly.
T log_mantissa(const T f) {
  T s = f / (L(2.0lf) + f), z = s * s, half_square = L(0.5lf) * f * f;
  return f - (half_square - s * (half_square + z * P_LOG(z)));
}
T log_positive(const T x) {
  int k;
  T f = split_log(x, k) - L(1.0lf);
  T s = f / (L(2.0lf) + f), z = s * s, half_square = L(0.5lf) * f * f, e = T(k);
  return e * LN2_HIGH - ((half_square - (s * (half_square + z * P_LOG(z)) + e * LN2_LOW)) - f);
}
T log_special(const T x, const T value) {  // value where x is positive and finite
  return x == INFINITY ? x : x == L(0.0lf) ? -INFINITY : !(x > L(0.0lf)) ? NAN : value;
}
T F(log)(const T x) { return log_special(x, log_positive(x)); }
T F(log2)(const T x) {
  int k;
  T m = split_log(x, k);
  return log_special(x, T(k) + log_mantissa(m - L(1.0lf)) * L(1.4426950408889634lf));
}
T F(log10)(const T x) {
  int k;
  T m = split_log(x, k);
  // log10(2) in two parts, the first short enough for its product with k to be exact.
  T e = T(k);
  return log_special(x, e * LOG10_2_HIGH + (e * LOG10_2_LOW + log_mantissa(m - L(1.0lf)) * L(0.43429448190325182lf)));
}
T log1p_plain(const T x) {
  T u = L(1.0lf) + x;
  if (u == L(1.0lf)) return x;
  T rest = u - L(1.0lf);
  return log_positive(u) + (x - rest) / u;
}
T F(log1p)(const T x) {
  if (x != x || x == INFINITY) return x;
  if (x <= L(-1.0lf)) return x == L(-1.0lf) ? -INFINITY : NAN;
  return log1p_plain(x);
}

// x^y: log(x) to twice the precision of T, so that the product's error stays below a unit in the result.
T F(pow)(const T x, const T y) {
  if (y == L(0.0lf) || x == L(1.0lf)) return L(1.0lf);
  if (x != x || y != y) return NAN;
  T ax = magnitude(x), ay = magnitude(y);
  bool whole = floor(y) == y || ay == INFINITY;
  bool odd = whole && ay < L(9007199254740992.0lf) && floor(y * L(0.5lf)) != y * L(0.5lf);
  T sign = negative(x) && odd ? L(-1.0lf) : L(1.0lf);
  if (ay == INFINITY) return ax == L(1.0lf) ? L(1.0lf) : (ax > L(1.0lf)) == (y > L(0.0lf)) ? INFINITY : L(0.0lf);
  if (ax == L(0.0lf)) return y < L(0.0lf) ? sign * INFINITY : sign * L(0.0lf);
  if (ax == INFINITY) return y < L(0.0lf) ? sign * L(0.0lf) : sign * INFINITY;
  if (x < L(0.0lf) && !whole) return NAN;
  int k;
  T f = split_log(ax, k) - L(1.0lf);
  T dh = L(2.0lf) + f, dl = f - (dh - L(2.0lf));
  T sh = f / dh, p = sh * dh;
  T sl = ((f - p) - product_rest(sh, dh, p) - sh * dl) / dh;
  T z = sh * sh, e = T(k);
  T kh = e * LN2_HIGH, high = kh + L(2.0lf) * sh;
  T low = (L(2.0lf) * sh - (high - kh)) + (L(2.0lf) * sl + sh * z * P_LOG(z) + e * LN2_LOW);
  T log_high = high + low, log_low = low - (log_high - high);
  if (log_high == L(0.0lf)) return sign;
  if (ay * magnitude(log_high) > L(2.0lf) * EXP_MAX || ay > HUGE) return (y > L(0.0lf)) == (log_high > L(0.0lf)) ? sign * INFINITY : sign * L(0.0lf);
  T ph = y * log_high, pl = product_rest(y, log_high, ph) + y * log_low;
  if (ph > EXP_MAX + L(0.5lf)) return sign * INFINITY;
  if (ph < EXP_MIN) return sign * L(0.0lf);
  return sign * exp_parts(ph, pl);
}

// 2 / pi, 1280 bits.
const uint TWO_OVER_PI[40] = uint[40](
    0xa2f9836eu, 0x4e441529u, 0xfc2757d1u, 0xf534ddc0u, 0xdb629599u, 0x3c439041u, 0xfe5163abu, 0xdebbc561u, 0xb7246e3au, 0x424dd2e0u,
    0x06492eeau, 0x09d1921cu, 0xfe1deb1cu, 0xb129a73eu, 0xe88235f5u, 0x2ebb4484u, 0xe99c7026u, 0xb45f7e41u, 0x3991d639u, 0x835339f4u,
    0x9c845f8bu, 0xbdf9283bu, 0x1ff897ffu, 0xde05980fu, 0xef2f118bu, 0x5a0a6d1fu, 0x6d367ecfu, 0x27cb09b7u, 0x4f463f66u, 0x9e5fea2du,
    0x7527bac7u, 0xebe5f17bu, 0x3d0739f7u, 0x8a5292eau, 0x6bfb5fb1u, 0x1f8d5d08u, 0x56033046u, 0xfc7b6babu, 0xf0cfbc20u, 0x9af4361du);

// Large |x|: x times 2 / pi modulo 4 in integers (Payne and Hanek). Only the six words of 2 / pi that matter for x's exponent are multiplied.
T reduce_large(const T x, out int quadrant) {
  uvec2 mantissa;
  int exponent;
  integer_parts(x, mantissa, exponent);
  int first = max((exponent - 2) >> 5, 0);
  uint product[8];  // little end first
  for (int i = 0; i < 8; ++i) product[i] = 0u;
  for (int i = 0; i < 6; ++i) {
    uint word = TWO_OVER_PI[first + 5 - i], carry = 0u;
    for (int j = 0; j < 2; ++j) {
      uint high, low;
      umulExtended(word, j == 0 ? mantissa.y : mantissa.x, high, low);
      uint sum = product[i + j] + low;
      high += uint(sum < low);
      uint total = sum + carry;
      high += uint(total < carry);
      product[i + j] = total;
      carry = high;
    }
    product[i + 2] += carry;
  }
  int point = 32 * (first + 6) - exponent;  // bits behind the point
  int at = point >> 5, within = point & 31;
  uint words[4];  // from two bits before the point on: 32 bits each
  for (int i = 0; i < 4; ++i) {
    // Bits [point - 32 i, point - 32 i + 32) of the product.
    int low = at - i;
    uint a = low >= 0 && low < 8 ? product[low] : 0u, b = low + 1 >= 0 && low + 1 < 8 ? product[low + 1] : 0u;
    words[i] = within == 0 ? a : (a >> uint(within)) | (b << uint(32 - within));
  }
  quadrant = int(words[0] & 3u);
  bool up = (words[1] >> 31) != 0u;
  uvec3 fraction = uvec3(words[1], words[2], words[3]);
  if (up) {
    quadrant = (quadrant + 1) & 3;
    fraction = ~fraction;
  }
  T r = from_fraction(fraction.x, fraction.y, fraction.z) * L(1.5707963267948966lf);
  if (up) r = -r;
  if (negative(x)) {
    r = -r;
    quadrant = -quadrant & 3;
  }
  return r;
}
T reduce(const T x, out int quadrant) {
  if (magnitude(x) < REDUCE_END) {
    T k = nearest(x * L(0.63661977236758134lf));
    quadrant = int(k) & 3;
    return (((x - k * PI2_A) - k * PI2_B) - k * PI2_C) - k * PI2_D;
  }
  return reduce_large(x, quadrant);
}
T sin_near(const T r) {
  T z = r * r;
  return r + r * z * P_SIN(z);
}
T cos_near(const T r) {
  T z = r * r, half_z = L(0.5lf) * z, w = L(1.0lf) - half_z;
  return w + (((L(1.0lf) - w) - half_z) + z * z * P_COS(z));
}
T turned(const T x, const int turn) {
  if (x != x || magnitude(x) == INFINITY) return NAN;
  int quadrant;
  T r = reduce(x, quadrant);
  quadrant = (quadrant + turn) & 3;
  T value = (quadrant & 1) == 0 ? sin_near(r) : cos_near(r);
  return quadrant >= 2 ? -value : value;
}
T F(sin)(const T x) { return x == L(0.0lf) ? x : turned(x, 0); }
T F(cos)(const T x) { return turned(x, 1); }
T F(tan)(const T x) {
  if (x == L(0.0lf)) return x;
  if (x != x || magnitude(x) == INFINITY) return NAN;
  int quadrant;
  T r = reduce(x, quadrant);
  T s = sin_near(r), c = cos_near(r);
  return (quadrant & 1) == 0 ? s / c : -c / s;
}

T asin_near(const T x) {
  T z = x * x;
  return x + x * z * P_ASIN(z);
}
T F(asin)(const T x) {
  T a = magnitude(x);
  if (!(a <= L(1.0lf))) return NAN;
  if (a <= L(0.5lf)) return asin_near(x);
  return with_sign(L(1.5707963267948966lf) - L(2.0lf) * asin_near(sqrt((L(1.0lf) - a) * L(0.5lf))), x);
}
T F(acos)(const T x) {
  T a = magnitude(x);
  if (!(a <= L(1.0lf))) return NAN;
  if (a <= L(0.5lf)) return L(1.5707963267948966lf) - asin_near(x);
  T tail = L(2.0lf) * asin_near(sqrt((L(1.0lf) - a) * L(0.5lf)));
  return negative(x) ? L(3.1415926535897932lf) - tail : tail;
}
T atan_positive(const T x) {
  bool inverted = x > L(1.0lf);
  T a = inverted ? L(1.0lf) / x : x;
  bool shifted = a > L(0.41421356237309505lf);
  T b = shifted ? (a - L(1.0lf)) / (a + L(1.0lf)) : a, z = b * b;
  T value = b + b * z * P_ATAN(z);
  if (shifted) value += L(0.78539816339744831lf);
  return inverted ? L(1.5707963267948966lf) - value : value;
}
T F(atan)(const T x) { return x != x ? x : with_sign(atan_positive(magnitude(x)), x); }
T F(atan2)(const T y, const T x) {
  if (x != x || y != y) return NAN;
  T ay = magnitude(y), ax = magnitude(x);
  T angle = ay == INFINITY && ax == INFINITY ? L(0.78539816339744831lf) : ax == INFINITY ? L(0.0lf) : ay == L(0.0lf) ? L(0.0lf)
            : ax == L(0.0lf) || ay == INFINITY ? L(1.5707963267948966lf) : atan_positive(ay / ax);
  return with_sign(negative(x) ? L(3.1415926535897932lf) - angle : angle, y);
}

T F(sinh)(const T x) {
  T a = magnitude(x);
  if (x != x || a == INFINITY) return x;
  if (a < L(20.0lf)) {
    T t = F(expm1)(a);
    return with_sign(L(0.5lf) * (t + t / (t + L(1.0lf))), x);
  }
  T h = F(exp)(L(0.5lf) * a);
  return with_sign(L(0.5lf) * h * h, x);
}
T F(cosh)(const T x) {
  T a = magnitude(x);
  if (a < L(20.0lf)) {
    T e = F(exp)(a);
    return L(0.5lf) * e + L(0.5lf) / e;
  }
  T h = F(exp)(L(0.5lf) * a);
  return L(0.5lf) * h * h;
}
T F(tanh)(const T x) {
  T a = magnitude(x);
  if (x != x) return x;
  T t = F(expm1)(L(2.0lf) * min(a, L(25.0lf)));
  return with_sign(a < L(0.5lf) ? t / (t + L(2.0lf)) : L(1.0lf) - L(2.0lf) / (t + L(2.0lf)), x);
}
T F(asinh)(const T x) {
  T a = magnitude(x);
  if (x != x || a == INFINITY) return x;
  if (a > HUGE) return with_sign(log_positive(a) + L(0.69314718055994531lf), x);
  T square = a * a;
  return with_sign(log1p_plain(a + square / (L(1.0lf) + sqrt(L(1.0lf) + square))), x);
}
T F(acosh)(const T x) {
  if (!(x >= L(1.0lf))) return NAN;
  if (x == INFINITY) return x;
  if (x > HUGE) return log_positive(x) + L(0.69314718055994531lf);
  T t = x - L(1.0lf);
  return log1p_plain(t + sqrt(t * (t + L(2.0lf))));
}
T F(atanh)(const T x) {
  T a = magnitude(x);
  if (!(a <= L(1.0lf))) return NAN;
  if (a == L(1.0lf)) return with_sign(INFINITY, x);
  return with_sign(L(0.5lf) * log1p_plain(L(2.0lf) * a / (L(1.0lf) - a)), x);
}

T erf_near(const T x) {  // |x| <= 1
  T z = x * x;
  return x + x * P_ERF(z);
}
T erfc_positive(const T x) {  // x >= 1/2
  if (x > ERFC_END) return L(0.0lf);
  T scaled = P_ERFCX((x - ERFCX_K) / (x + ERFCX_K)) / (L(1.0lf) + L(2.0lf) * x);
  T square = x * x;
  return exp_parts(-square, -product_rest(x, x, square)) * scaled;
}
T F(erf)(const T x) {
  T a = magnitude(x);
  if (x != x) return x;
  if (a <= L(1.0lf)) return erf_near(x);
  return with_sign(L(1.0lf) - erfc_positive(a), x);
}
T F(erfc)(const T x) {
  T a = magnitude(x);
  if (x != x) return x;
  if (a < L(0.5lf)) return L(1.0lf) - erf_near(x);
  T tail = erfc_positive(a);
  return negative(x) ? L(2.0lf) - tail : tail;
}
// A start by Giles' single-precision approximation (2012), then Newton steps on erf, or on erfc near the ends.
T F(erfinv)(const T y) {
  T a = magnitude(y);
  if (!(a <= L(1.0lf))) return NAN;
  if (a == L(1.0lf)) return with_sign(INFINITY, y);
  T rest = L(1.0lf) - a;
  T w = -log_positive(rest * (L(1.0lf) + a));
  T p;
  if (w < L(5.0lf)) {
    T u = w - L(2.5lf);
    p = ((((((((L(2.81022636e-08lf) * u + L(3.43273939e-07lf)) * u - L(3.5233877e-06lf)) * u - L(4.39150654e-06lf)) * u + L(0.00021858087lf)) * u - L(0.00125372503lf)) * u -
           L(0.00417768164lf)) * u + L(0.246640727lf)) * u + L(1.50140941lf));
  } else {
    T u = sqrt(w) - L(3.0lf);
    p = ((((((((L(-0.000200214257lf) * u + L(0.000100950558lf)) * u + L(0.00134934322lf)) * u - L(0.00367342844lf)) * u + L(0.00573950773lf)) * u - L(0.0076224613lf)) * u +
           L(0.00943887047lf)) * u + L(1.00167406lf)) * u + L(2.83297682lf));
  }
  T x = p * a;
  for (int step = 0; step < (BITS == 64 ? 2 : 1); ++step) {
    T error = a < L(0.5lf) ? erf_near(x) - a : rest - F(erfc)(x);
    T slope = L(1.1283791670955126lf) * exp_parts(-x * x, L(0.0lf));
    T move = error / slope;
    x -= move / (L(1.0lf) + x * move);  // Halley
  }
  return with_sign(x, y);
}

T sin_pi(const T x) {  // |sin(pi x)| for x >= 0
  T r = x - L(2.0lf) * floor(x * L(0.5lf));
  r = r > L(1.0lf) ? L(2.0lf) - r : r;
  r = r > L(0.5lf) ? L(1.0lf) - r : r;
  T a = r * L(3.1415926535897932lf);
  return a > L(0.78539816339744831lf) ? cos_near(L(1.5707963267948966lf) - a) : sin_near(a);
}
T lgamma_positive(const T x) {  // x >= 1/2
  if (x >= L(8.0lf)) {
    T i = L(1.0lf) / x, z = i * i;
    T series = i * (L(0.083333333333333333lf) + z * (L(-0.0027777777777777778lf) + z * (L(0.00079365079365079365lf) + z * (L(-0.00059523809523809524lf) +
               z * (L(0.00084175084175084175lf) + z * (L(-0.0019175269175269175lf) + z * (L(0.0064102564102564103lf) - z * L(0.029550653594771242lf))))))));
    return (x - L(0.5lf)) * (log_positive(x) - L(1.0lf)) + (L(0.41893853320467274lf) + series);
  }
  T y = x, product = L(1.0lf);
  while (y >= L(3.0lf)) {
    y -= L(1.0lf);
    product *= y;
  }
  T value = (y - L(1.0lf)) * (y - L(2.0lf)) * P_LGAMMA(y - L(1.75lf));
  return product == L(1.0lf) ? value : value + log_positive(product);
}
T F(lgamma)(const T x) {
  if (x != x) return x;
  T a = magnitude(x);
  if (a == INFINITY) return INFINITY;
  if (x >= L(0.5lf)) return x > HUGE && BITS == 32 && x > L(4.0850e36lf) ? INFINITY : lgamma_positive(x);
  if (a < SMALL) return a == L(0.0lf) ? INFINITY : -log_positive(a);
  if (x == floor(x)) return INFINITY;
  T s = sin_pi(a);
  if (x > L(0.0lf)) return log_positive(L(3.1415926535897932lf) / s) - lgamma_positive(L(1.0lf) - x);
  return log_positive(L(3.1415926535897932lf) / s) - lgamma_positive(L(1.0lf) + a);
}
T F(digamma)(const T x) {
  if (x != x || x == INFINITY) return x;
  if (x == L(0.0lf)) return with_sign(INFINITY, -x);
  T y = x, add = L(0.0lf);
  if (x < L(0.0lf)) {
    if (x == floor(x)) return NAN;
    T a = -x, fraction = a - floor(a), r = fraction * L(3.1415926535897932lf);  // exact, unlike x - floor(x)
    // 1 / tan(pi a) from sine and cosine near the closer multiple of pi / 2.
    T s, c;
    if (fraction <= L(0.25lf)) {
      s = sin_near(r);
      c = cos_near(r);
    } else if (fraction >= L(0.75lf)) {
      T q = (L(1.0lf) - fraction) * L(3.1415926535897932lf);
      s = sin_near(q);
      c = -cos_near(q);
    } else {
      T q = (L(0.5lf) - fraction) * L(3.1415926535897932lf);
      s = cos_near(q);
      c = sin_near(q);
    }
    add = L(3.1415926535897932lf) * c / s;
    y = L(1.0lf) - x;
  }
  while (y < L(10.0lf)) {
    add -= L(1.0lf) / y;
    y += L(1.0lf);
  }
  T i = L(1.0lf) / y, z = i * i;
  T series = z * (L(0.083333333333333333lf) - z * (L(0.0083333333333333333lf) - z * (L(0.0039682539682539683lf) - z * (L(0.0041666666666666667lf) - z * (L(0.0075757575757575758lf) -
             z * (L(0.021092796092796093lf) - z * L(0.083333333333333333lf)))))));
  return add + (log_positive(y) - L(0.5lf) * i - series);
}
T F(hypot)(const T a, const T b) {
  T x = magnitude(a), y = magnitude(b);
  if (x == INFINITY || y == INFINITY) return INFINITY;
  if (a != a || b != b) return NAN;
  T large = max(x, y), small = min(x, y);
  if (large == L(0.0lf)) return large;
  int e = clamp(exponent_of(large), 2 - EXPONENT_MAX, EXPONENT_MAX - 2);
  T down = power_of_two(-e);
  T u = large * down, v = small * down;
  return sqrt(u * u + v * v) * power_of_two(e);
}
