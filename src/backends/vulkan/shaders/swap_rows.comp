#version 450
#extension GL_GOOGLE_include_directive : require
// Interchanges rows first, first + 1, ... with those of `pivots`, in this order, in the columns outside a panel; an invocation a column.
// VARIANT b4 -DT=uint
// VARIANT b8 -DT=uvec2
#include "common/matrix.glsl"
layout(local_size_x = 64) in;
layout(std430, set = 0, binding = 1) buffer Target { T target[]; };
layout(std430, set = 0, binding = 2) readonly buffer Pivots { int pivots[]; };
layout(push_constant) uniform Push {
  Matrix target;
  uint columns, first, size, pivot_count, count;
} p;

void main() {
  uint item = (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * 64u + gl_LocalInvocationID.x;
  if (item >= p.count) return;
  uint others = p.columns - p.size, batch = item / others, column = item % others;
  if (column >= p.first) column += p.size;
  for (uint j = p.first; j < p.first + p.size; ++j) {
    uint row = uint(pivots[batch * p.pivot_count + j]);
    if (row == j) continue;
    uint a = element_of(p.target, batch, j, column), b = element_of(p.target, batch, row, column);
    T kept = target[a];
    target[a] = target[b];
    target[b] = kept;
  }
}
