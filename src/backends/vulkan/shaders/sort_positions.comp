#version 450
// The first `kept` positions of each sorted row, as i64.
layout(local_size_x = 64) in;
layout(std430, set = 0, binding = 1) readonly buffer Positions { uint positions[]; };
layout(std430, set = 0, binding = 2) writeonly buffer Target { uvec2 target[]; };
layout(push_constant) uniform Push { uint count, row_size, kept; } p;

void main() {
  uint item = (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * 64u + gl_LocalInvocationID.x;
  if (item >= p.count) return;
  uint row = item / p.kept;
  target[item] = uvec2(positions[row * p.row_size + item - row * p.kept], 0u);
}
