#version 450
#extension GL_GOOGLE_include_directive : require
// Resampling on a regular grid: one invocation an element of the output, sums nested by axis.
// VARIANT f32 -DT=float -DT3=vec3
// VARIANT f64 -DT=double -DT3=dvec3 -DDOUBLE
#include "common/axis_weights.glsl"
#include "common/resample_push.glsl"
layout(local_size_x = 64) in;
layout(constant_id = 3) const uint KEPT = 0u;  // ops/kept_axes.h
layout(std430, set = 0, binding = 1) readonly buffer Source { T source[]; };
layout(std430, set = 0, binding = 2) writeonly buffer Target { T target[]; };

void main() {
  uint item = (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * 64u + gl_LocalInvocationID.x;
  if (item >= p.count) return;
  int rest = int(item), plane;
  ivec3 at, size = p.inputs.xyz;
  at.z = rest % p.outputs.z; rest /= p.outputs.z;
  at.y = rest % p.outputs.y; rest /= p.outputs.y;
  at.x = rest % p.outputs.x; plane = rest / p.outputs.x;
  T3 scale = ls_scale();
  ivec2 range[3];
  T total[3];
  bool used[3];
  for (int axis = 0; axis < 3; ++axis) {
    used[axis] = axis >= p.first_axis && (KEPT >> (axis - p.first_axis) & 1u) == 0u;
    range[axis] = used[axis] ? ls_inputs(at[axis], scale[axis], size[axis]) : ivec2(at[axis], at[axis] + 1);
    total[axis] = used[axis] ? ls_total(at[axis], scale[axis], size[axis]) : T(1);
  }
  T sum = T(0);
  for (int i = range[0].x; i < range[0].y; ++i) {
    T slice = T(0);
    for (int j = range[1].x; j < range[1].y; ++j) {
      T row = T(0);
      int base = ((plane * size.x + i) * size.y + j) * size.z;
      for (int k = range[2].x; k < range[2].y; ++k) {
        T weight = used[2] ? ls_weight(at.z, k, scale.z, size.z, total[2]) : T(1);
        row += weight * source[base + k];
      }
      slice += (used[1] ? ls_weight(at.y, j, scale.y, size.y, total[1]) : T(1)) * row;
    }
    sum += (used[0] ? ls_weight(at.x, i, scale.x, size.x, total[0]) : T(1)) * slice;
  }
  target[item] = sum;
}
