#version 450
#extension GL_GOOGLE_include_directive : require
// How the values at points change with the points' coordinates: one invocation a point, channel after channel; later channels add to
// what an earlier dispatch made of those before.
// VARIANT f32 -DT=float
// VARIANT f64 -DT=double -DDOUBLE
#include "common/point_taps.glsl"
layout(local_size_x = 64) in;
layout(std430, set = 0, binding = 1) readonly buffer Image { T image[]; };
layout(std430, set = 0, binding = 2) readonly buffer Grid { T grid[]; };
layout(std430, set = 0, binding = 3) readonly buffer Given { T given[]; };
layout(std430, set = 0, binding = 4) buffer Target { T target[]; };

void main() {
  uint item = (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * 64u + gl_LocalInvocationID.x;
  if (item >= p.count) return;
  uint n = item / p.points, at = item * uint(p.axes);
  LS_POINT_TAPS(a, grid, at);
  T outside, outside_slope[3];
  ls_outside(a, outside, outside_slope);
  T total[3] = T[3](T(0), T(0), T(0));
  if (p.first_channel > 0u)
    for (int axis = 0; axis < p.axes; ++axis) total[2 - axis] = target[at + uint(axis)];
  for (uint c = p.first_channel; c < p.end_channel; ++c) {
    uint plane = n * p.channels + c;
    T sum[3] = outside_slope;
    for (int i = 0; i < a[0].count; ++i)
      for (int j = 0; j < a[1].count; ++j)
        for (int k = 0; k < a[2].count; ++k) {
          ivec3 e = ivec3(a[0].index[i], a[1].index[j], a[2].index[k]);
          if (any(lessThan(e, ivec3(0)))) continue;
          T value = image[((int(plane) * p.size.x + e.x) * p.size.y + e.y) * p.size.z + e.z];
          sum[0] += a[0].slope[i] * a[2].weight[k] * a[1].weight[j] * value;
          sum[1] += a[1].slope[j] * a[2].weight[k] * a[0].weight[i] * value;
          sum[2] += a[2].slope[k] * a[1].weight[j] * a[0].weight[i] * value;
        }
    T upstream = given[plane * p.points + item % p.points];
    for (int axis = 0; axis < 3; ++axis) total[axis] += upstream * sum[axis];
  }
  for (int axis = 0; axis < p.axes; ++axis) target[at + uint(axis)] = total[2 - axis];
}
