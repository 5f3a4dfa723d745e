#version 450
#extension GL_GOOGLE_include_directive : require
// Resampling at points: one invocation an element of the output [N, C, points].
// VARIANT f32 -DT=float
// VARIANT f64 -DT=double -DDOUBLE
#include "common/point_taps.glsl"
layout(local_size_x = 64) in;
layout(std430, set = 0, binding = 1) readonly buffer Image { T image[]; };
layout(std430, set = 0, binding = 2) readonly buffer Grid { T grid[]; };
layout(std430, set = 0, binding = 3) writeonly buffer Target { T target[]; };

void main() {
  uint item = (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * 64u + gl_LocalInvocationID.x;
  if (item >= p.count) return;
  uint plane = item / p.points, at = (plane / p.channels * p.points + item % p.points) * uint(p.axes);
  LS_POINT_TAPS(a, grid, at);
  T sum, slope[3];
  ls_outside(a, sum, slope);
  for (int i = 0; i < a[0].count; ++i)
    for (int j = 0; j < a[1].count; ++j)
      for (int k = 0; k < a[2].count; ++k) {
        ivec3 e = ivec3(a[0].index[i], a[1].index[j], a[2].index[k]);
        if (any(lessThan(e, ivec3(0)))) continue;
        T weight = a[2].weight[k] * a[1].weight[j] * a[0].weight[i];
        sum += weight * image[((int(plane) * p.size.x + e.x) * p.size.y + e.y) * p.size.z + e.z];
      }
  target[item] = sum;
}
