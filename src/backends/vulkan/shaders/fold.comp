#version 450
#extension GL_GOOGLE_include_directive : require
// Sums of what each element of [N, C, H, W] gave to its windows, tap after tap.
// VARIANT f32 -DT=float
// VARIANT f64 -DT=double
// VARIANT i32 -DT=int
// VARIANT i64 -DT=uvec2 -DWIDE
layout(local_size_x = 64) in;
layout(std430, set = 0, binding = 1) readonly buffer Columns { T columns[]; };
layout(std430, set = 0, binding = 2) buffer Image { T image[]; };
#include "common/windows.glsl"

#ifdef WIDE
uvec2 add(const uvec2 a, const uvec2 b) {
  uint carry, low = uaddCarry(a.x, b.x, carry);
  return uvec2(low, a.y + b.y + carry);
}
#else
T add(const T a, const T b) { return a + b; }
#endif

void main() {
  uint item = (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * 64u + gl_LocalInvocationID.x;
  if (item >= p.count) return;
  int x = int(item) % p.size.y, y = int(item) / p.size.y % p.size.x, plane = int(item) / p.size.y / p.size.x;
  int windows = p.windows.x * p.windows.y;
  // The taps through which windows hold it, or come close.
  ivec2 at = ivec2(y, x) + p.padding, past = max(at - (p.windows - 1) * p.stride, ivec2(0));
  ivec2 first = (past + p.dilation - 1) / p.dilation, low = first + p.first, high = min(first + p.end - 1, min(at / p.dilation, p.kernel - 1));
  T sum = T(0);
  if (p.first != ivec2(0)) sum = image[item];
  for (int i = low.x; i <= high.x; ++i)
    for (int j = low.y; j <= high.y; ++j) {
      ivec2 from = at - ivec2(i, j) * p.dilation, window = from / p.stride;
      if (any(lessThan(from, ivec2(0))) || window * p.stride != from || any(greaterThanEqual(window, p.windows))) continue;
      int row = (plane * p.kernel.x + i) * p.kernel.y + j;
      sum = add(sum, columns[row * windows + window.x * p.windows.y + window.y]);
    }
  image[item] = sum;
}
