#version 450
#extension GL_GOOGLE_include_directive : require
// Nearest-neighbour resampling of elements of any type: only moves.
// VARIANT b4 -DE=uint -DT=float -DT3=vec3
// VARIANT b8 -DE=uvec2 -DT=float -DT3=vec3
// VARIANT f64 -DE=uvec2 -DT=double -DT3=dvec3 -DDOUBLE
#include "common/axis_weights.glsl"
#include "common/resample_push.glsl"
layout(local_size_x = 64) in;
layout(std430, set = 0, binding = 1) readonly buffer Source { E source[]; };
layout(std430, set = 0, binding = 2) writeonly buffer Target { E target[]; };

void main() {
  uint item = (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * 64u + gl_LocalInvocationID.x;
  if (item >= p.count) return;
  int rest = int(item), plane;
  ivec3 at;
  at.z = rest % p.outputs.z; rest /= p.outputs.z;
  at.y = rest % p.outputs.y; rest /= p.outputs.y;
  at.x = rest % p.outputs.x; plane = rest / p.outputs.x;
  T3 scale = ls_scale();
  for (int axis = 0; axis < 3; ++axis) at[axis] = axis < p.first_axis ? 0 : ls_inputs(at[axis], scale[axis], p.inputs[axis]).x;
  target[item] = source[((plane * p.inputs.x + at.x) * p.inputs.y + at.y) * p.inputs.z + at.z];
}
