#version 450
#extension GL_GOOGLE_include_directive : require
// Interchanges entries begin...end of each row with those that pivots name, an invocation a row; ops/unpack_pivots.h.
#define LS_INDEX_ERROR_BINDING 3
#include "common/index_error.glsl"
layout(local_size_x = 64) in;
layout(std430, set = 0, binding = 1) readonly buffer Pivots { int pivots[]; };
layout(std430, set = 0, binding = 2) buffer Rows { int rows[]; };
layout(push_constant) uniform Push { uint batches, pivot_count, size, begin, end, command; } p;

void main() {
  uint batch = (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * 64u + gl_LocalInvocationID.x;
  if (batch >= p.batches) return;
  for (uint i = p.begin; i < p.end; ++i) {
    int pivot = pivots[batch * p.pivot_count + i];
    if (pivot < 0 || pivot >= int(p.size)) {
      ls_report_index(p.command, pivot, int(p.size));
      continue;
    }
    uint a = batch * p.size + i, b = batch * p.size + uint(pivot);
    int kept = rows[a];
    rows[a] = rows[b];
    rows[b] = kept;
  }
}
