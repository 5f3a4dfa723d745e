#version 450
#extension GL_GOOGLE_include_directive : require
// Maximum or average over windows. A dispatch that does part of their steps goes on from what the one before left: the sum or maximum, and the maximum's index (-1: none yet).
// VARIANT f32 -DT=float
// VARIANT f64 -DT=double
// VARIANT i32 -DT=int
// VARIANT i64w -DT=uvec2 -DWIDE
#include "common/division.glsl"
#include "common/pool_geometry.glsl"
layout(local_size_x = 64) in;
layout(constant_id = 2) const bool INDEXED = false;
layout(std430, set = 0, binding = 1) readonly buffer Source { T source[]; };
layout(std430, set = 0, binding = 2) buffer Target { T target[]; };
layout(std430, set = 0, binding = 3) buffer Indices { uvec2 indices[]; };

#ifdef WIDE  // 64-bit integers as words, maxima only
bool above(const uvec2 a, const uvec2 b) { return int(a.y) > int(b.y) || (a.y == b.y && a.x > b.x); }
bool is_nan(const uvec2 a) { return false; }
#else
bool above(const T a, const T b) { return a > b; }
bool is_nan(const T a) { return a != a; }
#endif

void main() {
  uint item = (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * 64u + gl_LocalInvocationID.x;
  if (item >= p.count) return;
  uint plane;
  ivec3 x = split(item, g.output_size.xyz, plane), begin, end;
  window_of(x, begin, end);
  ivec3 size = g.input_size.xyz, step = ADAPTIVE || !MAXIMUM ? ivec3(1) : g.dilation.xyz;
  uint from = plane * uint(size.x * size.y * size.z);
  ivec3 low = begin + p.first.xyz * step, high = min(begin + (p.end.xyz - 1) * step + 1, end);
  T value = T(0);
  int index = -1;
  if (!starts()) {
    value = target[item];
    if (INDEXED) index = int(indices[item].x);
  }
  for (int a = low.x; a < high.x; a += step.x)
    for (int b = low.y; b < high.y; b += step.y)
      for (int c = low.z; c < high.z; c += step.z) {
        bool inside = a >= 0 && b >= 0 && c >= 0 && a < size.x && b < size.y && c < size.z;
        int at = inside ? (a * size.y + b) * size.z + c : 0;
        T next = source[from + uint(at)];
        if (MAXIMUM) {
          if (inside && (index < 0 || above(next, value) || is_nan(next))) {  // the last NaN wins, as in PyTorch
            value = next;
            index = at;
          }
        } else if (inside) {
          value += next;
        }
      }
  bool done = p.last != 0u;
  target[item] = MAXIMUM || !done ? value : value / T(divisor_of(begin, end));
  if (INDEXED) indices[item] = uvec2(uint(done ? max(index, 0) : index), 0u);
}
