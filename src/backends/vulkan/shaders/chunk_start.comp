#version 450
// Turns counts into the sums of those before them, each 64 from their chunk's start.
layout(local_size_x = 64) in;
layout(std430, set = 0, binding = 1) readonly buffer Starts { uint starts[]; };
layout(std430, set = 0, binding = 2) buffer Counts { uint counts[]; };
layout(push_constant) uniform Push { uint count, chunks; } p;

void main() {
  uint chunk = (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * 64u + gl_LocalInvocationID.x;
  if (chunk >= p.chunks) return;
  uint end = min(chunk * 64u + 64u, p.count), sum = starts[chunk];
  for (uint i = chunk * 64u; i < end; ++i) {
    uint own = counts[i];
    counts[i] = sum;
    sum += own;
  }
}
