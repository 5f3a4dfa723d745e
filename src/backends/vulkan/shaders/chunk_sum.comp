#version 450
// The sum of each 64 counts.
layout(local_size_x = 64) in;
layout(std430, set = 0, binding = 1) readonly buffer Counts { uint counts[]; };
layout(std430, set = 0, binding = 2) writeonly buffer Sums { uint sums[]; };
layout(push_constant) uniform Push { uint count, chunks; } p;

void main() {
  uint chunk = (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * 64u + gl_LocalInvocationID.x;
  if (chunk >= p.chunks) return;
  uint end = min(chunk * 64u + 64u, p.count), sum = 0u;
  for (uint i = chunk * 64u; i < end; ++i) sum += counts[i];
  sums[chunk] = sum;
}
