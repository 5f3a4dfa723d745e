#version 450
#extension GL_GOOGLE_include_directive : require
// Combines source elements into the target, one after another for each target element: `elements` are sorted, equal ones in the order of the source. A
// dispatch does those from `first` on, before `end`; of equal ones there the invocation at the first does them all, or at the last where it wins.
// VARIANT f32 -DT=float -DFLOAT
// VARIANT f64 -DT=double -DFLOAT -DLS_NARROW_F64
// VARIANT i32 -DT=int
// VARIANT i64 -DT=uvec2 -DWIDE
#include "common/narrow.glsl"
layout(local_size_x = 64) in;
layout(constant_id = 0) const uint kind = 0u;    // ScatterKind
layout(constant_id = 1) const uint stored = 0u;  // the dtype to round to after each step
layout(std430, set = 0, binding = 1) readonly buffer Elements { uint elements[]; };
layout(std430, set = 0, binding = 2) readonly buffer Order { uint order[]; };
layout(std430, set = 0, binding = 3) readonly buffer Source { T source[]; };
layout(std430, set = 0, binding = 4) buffer Target { T target[]; };
layout(push_constant) uniform Push {
  uint outer, block, rank, first, end;
  int sizes[8], strides[8];
} p;

#ifdef WIDE
uvec2 add(const uvec2 a, const uvec2 b) {
  uint carry, low = uaddCarry(a.x, b.x, carry);
  return uvec2(low, a.y + b.y + carry);
}
uvec2 multiply(const uvec2 a, const uvec2 b) {
  uint high, low;
  umulExtended(a.x, b.x, high, low);
  return uvec2(low, high + a.x * b.y + a.y * b.x);
}
bool less(const uvec2 a, const uvec2 b) { return int(a.y) < int(b.y) || (a.y == b.y && a.x < b.x); }
#else
T add(const T a, const T b) { return a + b; }
T multiply(const T a, const T b) { return a * b; }
bool less(const T a, const T b) { return a < b; }
#endif

T combine(const T old, const T given) {
  if (kind == 1u) return ls_narrow(add(old, given), stored);
  if (kind == 2u) return ls_narrow(multiply(old, given), stored);
#ifdef FLOAT
  if (isnan(old)) return old;
  if (isnan(given)) return given;
#endif
  return (kind == 3u ? less(given, old) : less(old, given)) ? given : old;
}

void main() {
  uint item = (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * 64u + gl_LocalInvocationID.x;
  if (item >= (p.end - p.first) * p.block) return;
  uint i = item / p.block, b = item - i * p.block;
  i += p.first;
  uint element = elements[i];
  if (element == ~0u) return;
  if (kind == 0u ? i + 1u < p.outer && elements[i + 1u] == element : i > p.first && elements[i - 1u] == element) return;
  uint rest = b, at = element;
  for (int axis = int(p.rank) - 1; axis >= 0; --axis) {
    uint size = uint(p.sizes[axis]);
    at += rest % size * uint(p.strides[axis]);
    rest /= size;
  }
  if (kind == 0u) {
    target[at] = source[order[i] * p.block + b];
    return;
  }
  T value = combine(target[at], source[order[i] * p.block + b]);
  for (uint next = i + 1u; next < p.end && elements[next] == element; ++next) value = combine(value, source[order[next] * p.block + b]);
  target[at] = value;
}
