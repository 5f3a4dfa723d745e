#version 450
#extension GL_GOOGLE_include_directive : require
// Mean and sum of squared deviations (Welford), in segments as in reduce.comp; later runs join the segments' (Chan, Golub and LeVeque): part s of n is of
// every nth of `elements` from s on, each of which stands for `each`.
// VARIANT f32 -DT=float
// VARIANT f64 -DT=double
// VARIANT f32x4 -DT=vec4
#include "common/division.glsl"
layout(local_size_x = 64) in;
layout(constant_id = 0) const bool FIRST = true;
layout(std430, set = 0, binding = 1) readonly buffer Source { T source[]; };
layout(std430, set = 0, binding = 2) readonly buffer SourceSquares { T source_squares[]; };
layout(std430, set = 0, binding = 3) writeonly buffer Mean { T mean_out[]; };
layout(std430, set = 0, binding = 4) writeonly buffer Squares { T squares_out[]; };
layout(push_constant) uniform Push {
  uint count, extent, segments, inner;
  uint elements, each;
} p;

const uint BLOCK = 32u;

void main() {
  uint item = (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * 64u + gl_LocalInvocationID.x;
  if (item >= p.count) return;
  uint os = fast_divide(item, p.inner), i = item - os * p.inner;
  uint o = fast_divide(os, p.segments), s = os - o * p.segments;
  uint at = (o * p.extent + s) * p.inner + i, step = p.segments * p.inner;
  T mean = T(0), squares = T(0), block = T(0), n = T(0);
  uint held = 0u;
  for (; s < p.extent; s += p.segments) {
    T value = source[at], part = FIRST ? T(1) : T((p.elements - s + p.extent - 1u) / p.extent * p.each);
    T total = n + part, delta = value - mean;
    mean += delta * (part / total);
    block += FIRST ? delta * (value - mean) : source_squares[at] + delta * delta * (n * part / total);
    if (++held == BLOCK) {  // as in reduce.comp
      squares += block;
      block = T(0);
      held = 0u;
    }
    n = total;
    at += step;
  }
  mean_out[item] = mean;
  squares_out[item] = squares + block;
}
