#version 450
#extension GL_GOOGLE_include_directive : require
// For the gradient by the image: where each tap of each point goes (~0: nowhere) and with what weight.
// VARIANT f32 -DT=float
// VARIANT f64 -DT=double -DDOUBLE
#include "common/point_taps.glsl"
layout(local_size_x = 64) in;
layout(constant_id = 3) const uint ls_taps_each = 1u;
layout(std430, set = 0, binding = 1) readonly buffer Grid { T grid[]; };
layout(std430, set = 0, binding = 2) writeonly buffer Elements { uint elements[]; };
layout(std430, set = 0, binding = 3) writeonly buffer Weights { T weights[]; };

void main() {
  uint item = (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * 64u + gl_LocalInvocationID.x;
  if (item >= p.count) return;
  uint at = item * uint(p.axes), to = item * ls_taps_each, end = to + ls_taps_each;
  int n = int(item / p.points);
  LS_POINT_TAPS(a, grid, at);
  for (int i = 0; i < a[0].count; ++i)
    for (int j = 0; j < a[1].count; ++j)
      for (int k = 0; k < a[2].count; ++k) {
        ivec3 e = ivec3(a[0].index[i], a[1].index[j], a[2].index[k]);
        bool inside = all(greaterThanEqual(e, ivec3(0)));
        elements[to] = inside ? uint(((n * p.size.x + e.x) * p.size.y + e.y) * p.size.z + e.z) : ~0u;
        weights[to++] = a[2].weight[k] * a[1].weight[j] * a[0].weight[i];
      }
  for (; to < end; ++to) {
    elements[to] = ~0u;
    weights[to] = T(0);
  }
}
