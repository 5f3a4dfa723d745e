#version 450
#extension GL_GOOGLE_include_directive : require
// Sliding windows of [N, C, H, W] as columns: one invocation an element of the output.
// VARIANT b4 -DT=uint
// VARIANT b8 -DT=uvec2
layout(local_size_x = 64) in;
layout(std430, set = 0, binding = 1) readonly buffer Image { T image[]; };
layout(std430, set = 0, binding = 2) writeonly buffer Columns { T columns[]; };
#include "common/windows.glsl"

void main() {
  uint item = (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * 64u + gl_LocalInvocationID.x;
  if (item >= p.count) return;
  uint windows = uint(p.windows.x * p.windows.y), taps = uint(p.kernel.x * p.kernel.y);
  int window = int(item % windows), row = int(item / windows), tap = row % int(taps);
  ivec2 at = ivec2(window / p.windows.y, window % p.windows.y) * p.stride - p.padding + ivec2(tap / p.kernel.y, tap % p.kernel.y) * p.dilation;
  bool inside = all(greaterThanEqual(at, ivec2(0))) && all(lessThan(at, p.size));
  int plane = row / int(taps);
  columns[item] = inside ? image[(plane * p.size.x + at.x) * p.size.y + at.y] : T(0);
}
