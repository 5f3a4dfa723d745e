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
layout(std430, set = 0, binding = 2) writeonly buffer Target { T target[]; };
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

T log_probability(const T count, const T rate) {
  if (count < T(8)) {
    T product = T(1);
    for (T i = T(2); i <= count; i += T(1)) product *= i;
    return count * F(log)(rate) - rate - F(log)(product);
  }
  T inverse = T(1) / count, square = inverse * inverse;
  T stirling = inverse * (T(1) / T(12) - square * (T(1) / T(360) - square * (T(1) / T(1260) - square * (T(1) / T(1680)))));
  T difference = count - rate, sum = count + rate, deviance;
  if (abs(difference) < L(0.1lf) * sum) {
    T v = difference / sum, v_square = v * v, power = T(2) * count * v;
    deviance = difference * v;
    for (int i = 1; i <= 12; ++i) {
      power *= v_square;
      deviance += power / T(2 * i + 1);
    }
  } else {
    deviance = count * F(log)(count / rate) - difference;
  }
  return -stirling - deviance - T(0.5) * F(log)(L(6.283185307179586lf) * count);
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
    if (F(log)(v * inverse_alpha / (a / (us * us) + b)) <= log_probability(count, rate)) return count;
  }
  return floor(rate);
}

void main() {
  uint item = (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * 64u + gl_LocalInvocationID.x;
  if (item >= p.count) return;
  uint carry;
  next_counter.x = uaddCarry(p.counter_low, item << 20, carry);
  next_counter.y = p.counter_high + (item >> 12) + carry;
  used = 4u;
  target[item] = kind == 0u ? draw_gamma(parameter[item]) : draw_poisson(parameter[item]);
}
