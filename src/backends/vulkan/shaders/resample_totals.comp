#version 450
#extension GL_GOOGLE_include_directive : require
// What the antialias weights of each output along an axis add up to, part of them in a dispatch.
// VARIANT f32 -DT=float
// VARIANT f64 -DT=double -DDOUBLE
#include "common/axis_weights.glsl"
layout(local_size_x = 64) in;
layout(std430, set = 0, binding = 1) buffer Totals { T totals[]; };
#include "common/resample_axis_push.glsl"

void main() {
  int x = int((gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * 64u + gl_LocalInvocationID.x);
  if (x >= p.outputs) return;
  T scale = ls_axis_scale(), total = T(0);
  if (p.first > 0) total = totals[x];
  ivec2 range = ls_inputs(x, scale, p.inputs);
  int end = min(range.x + p.end, range.y);
  for (int i = range.x + p.first; i < end; ++i) total += ls_antialias_weight(x, i, scale);
  totals[x] = p.last != 0u && total == T(0) ? T(1) : total;
}
