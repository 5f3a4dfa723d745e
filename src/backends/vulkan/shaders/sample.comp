#version 450
#extension GL_GOOGLE_include_directive : require
// Random numbers that need rejection; ops/sample.h and backends/cpu/ops/sample.cc have the same streams and tests.
// VARIANT f32 -DT=float
// VARIANT f64 -DT=double -DDOUBLE
#extension GL_EXT_control_flow_attributes : require
#ifdef DOUBLE
#include "library/math_f64.glsl"
#else
#include "library/math_f32.glsl"
#endif
layout(local_size_x = 64) in;
layout(constant_id = 0) const uint kind = 0u;  // SampleKind
layout(std430, set = 0, binding = 1) readonly buffer Parameter { T parameter[]; };
layout(std430, set = 0, binding = 2) readonly buffer Probability { T probability[]; };
layout(std430, set = 0, binding = 3) writeonly buffer Target { T target[]; };
layout(push_constant) uniform Push { uint key_low, key_high, counter_low, counter_high, count; } p;

// Two of three tries are kept at least: that none of so many is, no one will see.
const int TRIES = 256;

uvec2 next_counter;
uvec4 words;
uint used;

uvec4 philox(const uvec2 counter) {
  uvec4 c = uvec4(counter, 0u, 0u);
  uvec2 key = uvec2(p.key_low, p.key_high);
  [[unroll]] for (int round = 0; round < 10; ++round) {
    uint high0, low0, high1, low1;
    umulExtended(0xd2511f53u, c.x, high0, low0);
    umulExtended(0xcd9e8d57u, c.z, high1, low1);
    c = uvec4(high1 ^ c.y ^ key.x, low1, high0 ^ c.w ^ key.y, low0);
    key += uvec2(0x9e3779b9u, 0xbb67ae85u);
  }
  return c;
}
uint next_word() {
  if (used == 4u) {
    words = philox(next_counter);
    next_counter.x += 1u;
    if (next_counter.x == 0u) next_counter.y += 1u;
    used = 0u;
  }
  return words[used++];
}
T uniform_number() {
#ifdef DOUBLE
  uint low = next_word(), high = next_word();
  return (T(high) * T(1048576) + T(low >> 12) + T(0.5)) / T(4503599627370496.0lf);
#else
  return (T(next_word() >> 9) + T(0.5)) / T(8388608);
#endif
}
T normal_number() {
  T radius = sqrt(T(-2) * F(log)(uniform_number()));
  return radius * F(cos)(L(6.283185307179586lf) * uniform_number());
}

T draw_gamma(T shape) {
  if (!(shape > T(0))) return shape == T(0) ? T(0) : NAN;
  if (shape == INFINITY) return shape;
  T boost = T(1);
  if (shape < T(1)) {
    boost = F(pow)(uniform_number(), T(1) / shape);
    shape += T(1);
  }
  T d = shape - T(1) / T(3), c = T(1) / sqrt(T(9) * d);
  for (int tries = 0; tries < TRIES; ++tries) {
    T x = normal_number(), v = T(1) + c * x;
    if (v <= T(0)) continue;
    v = v * v * v;
    T u = uniform_number(), square = x * x;
    if (u < T(1) - L(0.0331lf) * square * square) return boost * (d * v);
    if (F(log)(u) < T(0.5) * square + d * (T(1) - v + F(log)(v))) return boost * (d * v);
  }
  return boost * d;
}

T stirling_rest(const T count) {
  const T rest[8] = T[8](T(0), L(0.081061466795327258220lf), L(0.041340695955409294094lf), L(0.027677925684998339149lf),
                         L(0.020790672103765093112lf), L(0.016644691189821192163lf), L(0.013876128823070747999lf),
                         L(0.011896709945891770095lf));
  if (count < T(8)) return rest[int(count)];
  T inverse = T(1) / count, square = inverse * inverse;
  return inverse * (T(1) / T(12) - square * (T(1) / T(360) - square * (T(1) / T(1260) - square * (T(1) / T(1680)))));
}
T deviance(const T count, const T mean) {
  T difference = count - mean, sum = count + mean;
  if (!(abs(difference) < L(0.1lf) * sum)) return count * F(log)(count / mean) - difference;
  T v = difference / sum, v_square = v * v, power = T(2) * count * v, result = difference * v;
  for (int i = 1; i <= 12; ++i) {
    power *= v_square;
    result += power / T(2 * i + 1);
  }
  return result;
}
T log_poisson(const T count, const T rate) {
  if (count == T(0)) return -rate;
  return -stirling_rest(count) - deviance(count, rate) - T(0.5) * F(log)(L(6.283185307179586lf) * count);
}
T log_binomial(const T count, const T trials, const T chance) {
  if (count == T(0)) return trials * F(log1p)(-chance);
  if (count == trials) return trials * F(log)(chance);
  T rest = trials - count;
  return stirling_rest(trials) - stirling_rest(count) - stirling_rest(rest) - deviance(count, trials * chance) -
         deviance(rest, trials * (T(1) - chance)) + T(0.5) * F(log)(trials / (L(6.283185307179586lf) * count * rest));
}

T draw_poisson(const T rate) {
  if (!(rate > T(0))) return rate == T(0) ? T(0) : NAN;
  if (rate == INFINITY) return rate;
  if (rate < T(10)) {
    T limit = F(exp)(-rate), product = uniform_number(), count = T(0);
    for (int tries = 0; tries < TRIES && product > limit; ++tries, product *= uniform_number()) count += T(1);
    return count;
  }
  T b = L(0.931lf) + L(2.53lf) * sqrt(rate), a = L(-0.059lf) + L(0.02483lf) * b;
  T inverse_alpha = L(1.1239lf) + L(1.1328lf) / (b - L(3.4lf)), squeeze = L(0.9277lf) - L(3.6224lf) / (b - T(2));
  for (int tries = 0; tries < TRIES; ++tries) {
    T u = uniform_number() - T(0.5), v = uniform_number(), us = T(0.5) - abs(u);
    T count = floor((T(2) * a / us + b) * u + rate + L(0.43lf));
    if (us >= L(0.07lf) && v <= squeeze) return count;
    if (count < T(0) || (us < L(0.013lf) && v > us)) continue;
    if (F(log)(v * inverse_alpha / (a / (us * us) + b)) <= log_poisson(count, rate)) return count;
  }
  return floor(rate);
}

T rare_successes(const T trials, const T chance) {
  T mean = trials * chance;
  if (mean < T(10)) {
    T scale = T(1) / F(log1p)(-chance), taken = T(0), count = T(0);
    for (int tries = 0; tries < TRIES; ++tries) {
      taken += ceil(F(log)(uniform_number()) * scale);
      if (!(taken <= trials)) break;
      count += T(1);
    }
    return count;
  }
  T root = sqrt(mean * (T(1) - chance)), b = L(1.15lf) + L(2.53lf) * root;
  T a = L(-0.0873lf) + L(0.0248lf) * b + L(0.01lf) * chance, c = mean + T(0.5), squeeze = L(0.92lf) - L(4.2lf) / b;
  T alpha = (L(2.83lf) + L(5.1lf) / b) * root, mode = floor((trials + T(1)) * chance);
  T log_mode = log_binomial(mode, trials, chance);
  for (int tries = 0; tries < TRIES; ++tries) {
    T u = uniform_number() - T(0.5), v = uniform_number(), us = T(0.5) - abs(u);
    T count = floor((T(2) * a / us + b) * u + c);
    if (count < T(0) || count > trials) continue;
    if (us >= L(0.07lf) && v <= squeeze) return count;
    if (F(log)(v * alpha / (a / (us * us) + b)) <= log_binomial(count, trials, chance) - log_mode) return count;
  }
  return mode;
}
T draw_binomial(const T given, const T chance) {
  if (given != given || chance != chance) return NAN;
  T trials = floor(given);
  if (trials <= T(0) || chance <= T(0)) return T(0);
  if (chance >= T(1) || trials == INFINITY) return trials;
  if (chance <= T(0.5)) return rare_successes(trials, chance);
  return trials - rare_successes(trials, T(1) - chance);
}

void main() {
  uint item = (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * 64u + gl_LocalInvocationID.x;
  if (item >= p.count) return;
  uint carry;
  next_counter.x = uaddCarry(p.counter_low, item << 10, carry);
  next_counter.y = p.counter_high + (item >> 22) + carry;
  used = 4u;
  T given = parameter[item];
  target[item] = kind == 0u ? draw_gamma(given) : kind == 1u ? draw_poisson(given) : draw_binomial(given, probability[item]);
}
