#version 450
#extension GL_GOOGLE_include_directive : require
// A running reduction along lines, an invocation each: their elements from `first` on, before `end`, after what an earlier dispatch made of those before.
// VARIANT f32 -DT=float
// VARIANT f64 -DT=double -DF64
// VARIANT i64w -DT=uvec2 -DWORDS
#include "common/division.glsl"
layout(constant_id = 0) const int KIND = 0;  // 0 sum, 1 product, 2 minimum, 3 maximum, 4 log-sum-exp
#ifdef WORDS
#define State T
T start(const T x) { return x; }
T result_of(const State s) { return s; }
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
bool nan(T x) { return false; }
T log_add(T x, T y) { return x; }
#else
#ifdef F64
#include "library/math_f64.glsl"
#else
#include "library/math_f32.glsl"
#endif
#include "common/compensated.glsl"
#endif
layout(local_size_x = 64) in;
layout(constant_id = 1) const bool INDEXED = false;
layout(std430, set = 0, binding = 1) readonly buffer Source { T source[]; };
layout(std430, set = 0, binding = 2) buffer Target { T target[]; };
layout(std430, set = 0, binding = 3) buffer TargetIndex { uint target_index[]; };
layout(push_constant) uniform Push {
  uint lines, extent, inner, reverse;
  uint first, end;  // in the order of the running
} p;

void main() {
  uint line = (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * 64u + gl_LocalInvocationID.x;
  if (line >= p.lines) return;
  uint o = fast_divide(line, p.inner), i = line - o * p.inner;
  uint from = o * p.extent * p.inner + i;
  uint before = p.first == 0u ? 0u : p.first - 1u, index = p.reverse != 0u ? p.extent - 1u - before : before;
  T value;
  if (p.first == 0u) {
    value = source[from + index * p.inner];
  } else {
    value = target[from + index * p.inner];
    if (INDEXED) index = target_index[from + index * p.inner];
  }
  State state = start(value);
  if (KIND == 0) value = result_of(state);
  for (uint k = p.first; k < p.end; ++k) {
    uint l = p.reverse != 0u ? p.extent - 1u - k : k, at = from + l * p.inner;
    if (k > 0u) {
      T next = source[at];
      if (KIND == 0) state = add(state, next);
      if (KIND == 1) state = multiply(state, next);
      if (KIND == 2 || KIND == 3) {
        bool takes = nan(next) || (!nan(value) && !(KIND == 2 ? less(value, next) : less(next, value)));
        if (takes) {
          value = next;
          index = l;
        }
      }
      if (KIND == 4) state = log_add(state, next);
      if (KIND != 2 && KIND != 3) value = result_of(state);
    }
    target[at] = value;
    if (INDEXED) target_index[at] = index;
  }
}
