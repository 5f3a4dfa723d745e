#version 450
#extension GL_GOOGLE_include_directive : require
// Sum, product, minimum or maximum of `length` elements between `outer` and `inner` axes, in segments: invocation (o, s, i) takes every segments-th element from s on. A second
// run over the segments' results finishes. A sum adds blocks up: rounding errors of one sign grow with the length of a block and the number of blocks, not with
// their product. The order depends on the shape only. VARIANT f32x4 adds or multiplies four neighbours at a time.
// VARIANT f32 -DT=float
// VARIANT f64 -DT=double
// VARIANT f32x4 -DT=vec4 -DADDS
// VARIANT i32 -DT=int
// VARIANT i64w -DT=uvec2 -DWORDS
#include "common/division.glsl"
layout(local_size_x = 64) in;
layout(constant_id = 0) const int KIND = 0;          // 0 sum, 1 product, 2 minimum, 3 maximum
layout(constant_id = 1) const bool INDEXED = false;  // minimum and maximum: with positions
layout(constant_id = 2) const bool FIRST = true;     // positions are counted, not read
layout(std430, set = 0, binding = 1) readonly buffer Source { T source[]; };
layout(std430, set = 0, binding = 2) writeonly buffer Target { T target[]; };
layout(std430, set = 0, binding = 3) readonly buffer SourceIndex { uint source_index[]; };
layout(std430, set = 0, binding = 4) writeonly buffer TargetIndex { uint target_index[]; };
layout(push_constant) uniform Push {
  uint count, extent, segments, inner;
} p;

#ifdef WORDS
T add(T x, T y) {
  uint low = x.x + y.x;
  return uvec2(low, x.y + y.y + uint(low < x.x));
}
T multiply(T x, T y) {
  uint high, low;
  umulExtended(x.x, y.x, high, low);
  return uvec2(low, high + x.x * y.y + x.y * y.x);
}
bool less(T x, T y) { return int(x.y) < int(y.y) || (x.y == y.y && x.x < y.x); }
bool same(T x, T y) { return x == y; }
bool nan(T x) { return false; }
const T ZERO = uvec2(0u), ONE = uvec2(1u, 0u);
#else
T add(T x, T y) { return x + y; }
T multiply(T x, T y) { return x * y; }
const T ZERO = T(0), ONE = T(1);
#ifndef ADDS
bool less(T x, T y) { return x < y; }
bool same(T x, T y) { return x == y; }
bool nan(T x) { return x != x; }
#endif
#endif

#ifdef ADDS
bool wins(T x, uint xi, T y, uint yi) { return false; }
#else
// Whether (x, xi) comes before (y, yi): NaN first, then by value, then by position.
bool wins(T x, uint xi, T y, uint yi) {
  if (nan(x) || nan(y)) return nan(x) && (!nan(y) || xi < yi);
  if (same(x, y)) return xi < yi;
  return KIND == 2 ? less(x, y) : less(y, x);
}
#endif

const uint BLOCK = 32u;

void main() {
  uint item = (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * 64u + gl_LocalInvocationID.x;
  if (item >= p.count) return;
  uint os = fast_divide(item, p.inner), i = item - os * p.inner;
  uint o = fast_divide(os, p.segments), s = os - o * p.segments;
  uint at = (o * p.extent + s) * p.inner + i, step = p.segments * p.inner;
  T value = KIND == 1 ? ONE : ZERO, block = ZERO;
  uint index = s, held = 0u;
  if (KIND >= 2) {
    value = source[at];
    if (INDEXED && !FIRST) index = source_index[at];
    at += step;
    s += p.segments;
  }
  for (; s < p.extent; s += p.segments) {
    T next = source[at];
    if (KIND == 0) {
      block = add(block, next);
      if (++held == BLOCK) {
        value = add(value, block);
        block = ZERO;
        held = 0u;
      }
    }
    if (KIND == 1) value = multiply(value, next);
    if (KIND >= 2) {
      uint next_index = s;
      if (INDEXED && !FIRST) next_index = source_index[at];
      if (wins(next, next_index, value, index)) {
        value = next;
        index = next_index;
      }
    }
    at += step;
  }
  if (KIND == 0) value = add(value, block);
  target[item] = value;
  if (INDEXED) target_index[item] = index;
}
