#version 450
#extension GL_GOOGLE_include_directive : require
// Reports where a condition is false.
#define LS_INDEX_ERROR_BINDING 2
#include "common/index_error.glsl"
layout(local_size_x = 64) in;
layout(std430, set = 0, binding = 1) readonly buffer Condition { uint condition[]; };
layout(push_constant) uniform Push { uint count, command, requirement; } p;

void main() {
  uint item = (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * 64u + gl_LocalInvocationID.x;
  if (item < p.count && condition[item] == 0u) ls_report_requirement(p.command, p.requirement);
}
