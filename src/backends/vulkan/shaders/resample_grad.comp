#version 450
#extension GL_GOOGLE_include_directive : require
// The gradient of a regular resampling: each element of the input sums what the outputs that read it received, in their order.
// VARIANT f32 -DT=float -DT3=vec3
// VARIANT f64 -DT=double -DT3=dvec3 -DDOUBLE
#include "common/axis_weights.glsl"
#include "common/resample_push.glsl"
layout(local_size_x = 64) in;
layout(constant_id = 3) const uint KEPT = 0u;  // ops/kept_axes.h
layout(std430, set = 0, binding = 1) readonly buffer Source { T source[]; };  // by output
layout(std430, set = 0, binding = 2) writeonly buffer Target { T target[]; };

bool is_kept(const int axis) { return axis < p.first_axis || (KEPT >> (axis - p.first_axis) & 1u) != 0u; }
// Whether output x reads element i, be it with a weight of 0.
bool reads(const int axis, const int x, const int i, const T scale) {
  if (is_kept(axis)) return x == i;
  ivec2 range = ls_inputs(x, scale, p.inputs[axis]);
  return i >= range.x && i < range.y;
}
T weight(const int axis, const int x, const int i, const T scale) {
  if (is_kept(axis)) return T(1);
  int inputs = p.inputs[axis];
  return ls_weight(x, i, scale, inputs, ls_total(x, scale, inputs));
}

void main() {
  uint item = (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * 64u + gl_LocalInvocationID.x;
  if (item >= p.count) return;
  int rest = int(item), plane;
  ivec3 at, size = p.outputs.xyz;
  at.z = rest % p.inputs.z; rest /= p.inputs.z;
  at.y = rest % p.inputs.y; rest /= p.inputs.y;
  at.x = rest % p.inputs.x; plane = rest / p.inputs.x;
  T3 scale = ls_scale();
  ivec2 range[3];
  for (int axis = 0; axis < 3; ++axis)
    range[axis] = axis >= p.first_axis ? ls_outputs(at[axis], scale[axis], p.inputs[axis], size[axis]) : ivec2(0, 1);
  T sum = T(0);
  for (int x = range[0].x; x < range[0].y; ++x) {
    if (!reads(0, x, at.x, scale.x)) continue;
    T slice = T(0);
    for (int y = range[1].x; y < range[1].y; ++y) {
      if (!reads(1, y, at.y, scale.y)) continue;
      T row = T(0);
      int base = ((plane * size.x + x) * size.y + y) * size.z;
      for (int z = range[2].x; z < range[2].y; ++z) {
        if (reads(2, z, at.z, scale.z)) row += weight(2, z, at.z, scale.z) * source[base + z];
      }
      slice += weight(1, y, at.y, scale.y) * row;
    }
    sum += weight(0, x, at.x, scale.x) * slice;
  }
  target[item] = sum;
}
