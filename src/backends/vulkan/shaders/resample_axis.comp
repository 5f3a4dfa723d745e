#version 450
#extension GL_GOOGLE_include_directive : require
// Regular resampling along one axis of [outer, axis, inner], or its gradient: what resample.comp and resample_grad.comp do at once, for reaches over which
// their loops turn too often. A dispatch adds part of each element's terms to what earlier ones made.
// VARIANT f32 -DT=float
// VARIANT f64 -DT=double -DDOUBLE
#include "common/axis_weights.glsl"
layout(local_size_x = 64) in;
layout(constant_id = 3) const bool GRADIENT = false;
layout(std430, set = 0, binding = 1) readonly buffer Source { T source[]; };
layout(std430, set = 0, binding = 2) readonly buffer Totals { T totals[]; };  // by output: what its weights add up to
layout(std430, set = 0, binding = 3) buffer Target { T target[]; };
#include "common/resample_axis_push.glsl"

void main() {
  uint item = (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * 64u + gl_LocalInvocationID.x;
  if (item >= p.count) return;
  int i = int(item) % p.inner, line = int(item) / p.inner, size = GRADIENT ? p.inputs : p.outputs, others = GRADIENT ? p.outputs : p.inputs;
  int at = line % size, from = line / size * others * p.inner + i;
  T scale = ls_axis_scale(), sum = T(0);
  if (p.first > 0) sum = target[item];
  ivec2 range = GRADIENT ? ls_outputs(at, scale, p.inputs, p.outputs) : ls_inputs(at, scale, p.inputs);
  int end = min(range.x + p.end, range.y);
  for (int other = range.x + p.first; other < end; ++other) {
    int x = GRADIENT ? other : at, element = GRADIENT ? at : other;
    ivec2 reach = GRADIENT ? ls_inputs(x, scale, p.inputs) : range;
    if (element >= reach.x && element < reach.y)
      sum += ls_weight(x, element, scale, p.inputs, totals[x]) * source[from + other * p.inner];
  }
  target[item] = sum;
}
