#version 450
// How many of each 64 elements are not 0. Of two words an element, the second has a float's sign.
layout(local_size_x = 64) in;
layout(constant_id = 0) const uint words = 1u;
layout(constant_id = 1) const uint sign = 0u;  // the bit that tells -0 from 0
layout(std430, set = 0, binding = 1) readonly buffer Mask { uint mask[]; };
layout(std430, set = 0, binding = 2) writeonly buffer Counts { uint counts[]; };
layout(push_constant) uniform Push { uint count, chunks; } p;

bool is_set(const uint i) { return (mask[i * words + words - 1u] & ~sign) != 0u || (words == 2u && mask[i * words] != 0u); }

void main() {
  uint chunk = (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * 64u + gl_LocalInvocationID.x;
  if (chunk >= p.chunks) return;
  uint end = min(chunk * 64u + 64u, p.count), found = 0u;
  for (uint i = chunk * 64u; i < end; ++i) found += is_set(i) ? 1u : 0u;
  counts[chunk] = found;
}
