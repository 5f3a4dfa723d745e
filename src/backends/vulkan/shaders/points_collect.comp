#version 450
// The gradient by the image: each element that points read sums what they received, in their order. Entries are sorted by element; the invocation at the
// first of equal ones sums them, for one channel. A dispatch does entries from `first` on, before `end`, and adds to what the target holds.
// VARIANT f32 -DT=float
// VARIANT f64 -DT=double
layout(local_size_x = 64) in;
layout(std430, set = 0, binding = 1) readonly buffer Elements { uint elements[]; };
layout(std430, set = 0, binding = 2) readonly buffer Order { uint order[]; };
layout(std430, set = 0, binding = 3) readonly buffer Weights { T weights[]; };
layout(std430, set = 0, binding = 4) readonly buffer Given { T given[]; };
layout(std430, set = 0, binding = 5) buffer Target { T target[]; };
layout(push_constant) uniform Push { uint channels, points, taps_each, area, first, end; } p;

void main() {
  uint item = (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * 64u + gl_LocalInvocationID.x;
  uint entries = p.end - p.first;
  if (item >= entries * p.channels) return;
  uint c = item / entries, i = p.first + item - c * entries, element = elements[i];
  if (element == ~0u || (i > p.first && elements[i - 1u] == element)) return;
  uint n = element / p.area, plane = n * p.channels + c;
  uint to = plane * p.area + element % p.area;
  T sum = target[to];
  for (; i < p.end && elements[i] == element; ++i) {
    uint point = order[i] / p.taps_each;
    sum += weights[order[i]] * given[plane * p.points + point % p.points];
  }
  target[to] = sum;
}
