#version 450
// The elements at the first `kept` positions of each sorted row.
// VARIANT b4 -DT=uint
// VARIANT b8 -DT=uvec2
layout(local_size_x = 64) in;
layout(std430, set = 0, binding = 1) readonly buffer Positions { uint positions[]; };
layout(std430, set = 0, binding = 2) readonly buffer Source { T source[]; };
layout(std430, set = 0, binding = 3) writeonly buffer Target { T target[]; };
layout(push_constant) uniform Push { uint count, row_size, kept; } p;

void main() {
  uint item = (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * 64u + gl_LocalInvocationID.x;
  if (item >= p.count) return;
  uint row = item / p.kept, base = row * p.row_size;
  target[item] = source[base + positions[base + item - row * p.kept]];
}
