#version 450
// The gradient by the image: each element that points read sums what they received, in their order. Entries are sorted by element; the invocation at the
// first of equal ones sums them, for one channel.
// VARIANT f32 -DT=float
// VARIANT f64 -DT=double
layout(local_size_x = 64) in;
layout(std430, set = 0, binding = 1) readonly buffer Elements { uint elements[]; };
layout(std430, set = 0, binding = 2) readonly buffer Order { uint order[]; };
layout(std430, set = 0, binding = 3) readonly buffer Weights { T weights[]; };
layout(std430, set = 0, binding = 4) readonly buffer Given { T given[]; };
layout(std430, set = 0, binding = 5) writeonly buffer Target { T target[]; };
layout(push_constant) uniform Push { uint entries, channels, points, taps_each, area; } p;

void main() {
  uint item = (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * 64u + gl_LocalInvocationID.x;
  if (item >= p.entries * p.channels) return;
  uint c = item / p.entries, i = item - c * p.entries, element = elements[i];
  if (element == ~0u || (i > 0u && elements[i - 1u] == element)) return;
  uint n = element / p.area, plane = n * p.channels + c;
  T sum = T(0);
  for (; i < p.entries && elements[i] == element; ++i) {
    uint point = order[i] / p.taps_each;
    sum += weights[order[i]] * given[plane * p.points + point % p.points];
  }
  target[plane * p.area + element % p.area] = sum;
}
